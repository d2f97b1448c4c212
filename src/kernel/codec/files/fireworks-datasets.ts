/**
 * Files as data sets of Fireworks, which have names of their users' choice: one call makes a set, the next fills it
 * (https://docs.fireworks.ai/fine-tuning/fine-tuning-via-api, read 2026-11-27).
 */
import { uploadedFile } from '../../account-calls.ts'
import type { FileCalls } from '../../account-calls.ts'
import { pathStep } from '../../path-step.ts'

export function fireworksDatasets(accountId: string): FileCalls {
  const sets = `/v1/accounts/${pathStep(accountId)}/datasets`
  return {
    verified: true,
    purposes: { 'fine-tune': 'fine-tune' },
    // "This path can handle file sizes up to 150Mb": https://docs.fireworks.ai/api-reference/upload-dataset-files
    largest: 150_000_000,
    upload({ id }) {
      // Letters, digits and hyphens, as names of resources are.
      const name = id.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
      return {
        id: name,
        calls: [
          { method: 'POST', path: sets, body: { datasetId: name, dataset: { userUploaded: {} } } },
          { method: 'POST', path: `${sets}/${name}:upload`, form: { file: uploadedFile } },
        ],
      }
    },
    readId: () => undefined,
    remove: (id) => ({ method: 'DELETE', path: `${sets}/${pathStep(id)}` }),
  }
}
