/** ComfyUI servers at an address of one's own: a checkpoint's name is a model, and so is a workflow of one's own. */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { fileField } from '../../kernel/identity/fields.ts'
import { jobTransport } from '../../kernel/job-transport.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { Offer } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drawing } from './drawing.ts'
import { workflowProblem } from './workflow-file.ts'

const title = 'ComfyUI'

const offers = (
  [
    ['image', 'comfyui-image'],
    ['edit-image', 'comfyui-image-edit'],
    ['vary-image', 'comfyui-image-vary'],
  ] as const
).map(([operation, dialect]): Offer => ({ operation, dialect, verified: true, path: () => '/prompt' }))

export const comfyui = defineProvider({
  id: 'comfyui',
  title,
  config: z.strictObject({
    base_url: baseUrlField.describe('Address of the server.'),
    workflows: z
      .record(z.string(), fileField)
      .default({})
      .describe(
        'Workflows of your own, by the names that they are asked for by as models: files that ComfyUI has exported in its API format, ' +
          'with `{{prompt}}` and other words in place of what requests decide (docs/images.md).',
      ),
  }),
  env: [],
  offers,
  keyless: true,
  free: () => true,
  docs: [
    {
      title: 'Server routes',
      url: 'https://docs.comfy.org/development/comfyui-server/comms_routes',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base }) => base,
  /** For servers behind a proxy that asks for a token. */
  sign: (outbound, _config, credential) =>
    credential === undefined
      ? outbound
      : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  problems: ({ workflows }) =>
    Object.entries(workflows).flatMap(([name, file]) => {
      const message = workflowProblem(file)
      return message === undefined ? [] : [{ field: `workflows.${name}`, message }]
    }),
  modelsPath: '/object_info/CheckpointLoaderSimple',
  modelNames(answer) {
    const node = answer['CheckpointLoaderSimple']
    const input = isJsonObject(node) ? node['input'] : undefined
    const required = isJsonObject(input) ? input['required'] : undefined
    return namesIn(isJsonObject(required) ? required['ckpt_name'] : undefined)
  },
  transport: ({ workflows }, context) =>
    jobTransport(context, {
      title,
      isOrder: ({ method, path }) => method === 'POST' && path.endsWith('/prompt'),
      script: drawing(workflows, context.random),
    }),
})

/** `[[…names], {…}]`, or, of later servers, `["COMBO", { options: […names] }]`. */
function namesIn(choice: JsonValue | undefined): string[] | undefined {
  if (!Array.isArray(choice)) return undefined
  const [first, more] = choice
  const list = Array.isArray(first) ? first : isJsonObject(more) ? more['options'] : undefined
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string').map(String) : undefined
}
