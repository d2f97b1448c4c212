/** Black Forest Labs: the FLUX models. A picture is ordered, and asked about at the address that the order's answer names. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { isOverFlux } from '../kernel/codec/image/flux-job.ts'
import { jobTransport, jsonOf } from '../kernel/job-transport.ts'
import { ownAddress } from '../kernel/own-address.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { TransportError } from '../kernel/transport.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'Black Forest Labs'
const regions = { global: 'https://api.bfl.ai', eu: 'https://api.eu.bfl.ai', us: 'https://api.us.bfl.ai' }
const path = (model: string): string => `/v1/${pathStep(model)}`
/** Those that only work on pictures, and those that only work from words. */
const needsPicture = (model: string): boolean => /fill|expand|canny|depth/.test(model)
const onlyWords = (model: string): boolean => /flux-dev|flux-krea/.test(model)

export const blackForestLabs = defineProvider({
  id: 'black-forest-labs',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service, without the version, which is added.'),
    region: z
      .enum(['global', 'eu', 'us'])
      .default('global')
      .describe('Where pictures are made; `base_url` comes before it.'),
  }),
  env: ['BFL_API_KEY'],
  regions,
  offers: [
    {
      operation: 'image',
      dialect: 'bfl-flux',
      verified: true,
      serves: (model) => !needsPicture(model),
      path,
      maxInputs: 1,
    },
    {
      operation: 'edit-image',
      dialect: 'bfl-flux-edit',
      verified: true,
      serves: (model) => !onlyWords(model),
      path,
      maxInputs: 1,
    },
  ],
  keyUrl: 'https://dashboard.bfl.ai',
  docs: [
    {
      title: 'BFL API endpoints',
      url: 'https://github.com/black-forest-labs/skills/blob/main/skills/bfl-api/references/endpoints.md',
      read: '2026-11-27',
    },
    {
      title: 'Edit or create an image with FLUX.1 Kontext',
      url: 'https://docs.bfl.ai/api-reference/models/edit-or-create-an-image-with-flux1-kontext-%5Bpro%5D',
      read: '2026-11-27',
    },
    { title: 'FLUX.1 Fill', url: 'https://docs.bfl.ai/flux_tools/flux_1_fill', read: '2026-11-27' },
    { title: 'Pricing', url: 'https://docs.bfl.ai/quick_start/pricing', read: '2026-11-27' },
  ],
  baseUrl: ({ base_url: base, region }) => base ?? regions[region],
  sign: (outbound, _config, credential) => withHeaders(outbound, { 'x-key': requireCredential(credential, title) }),
  prices: 'black-forest-labs',
  transport: (_config, context) =>
    jobTransport(context, {
      title,
      isOrder: ({ method }) => method === 'POST',
      async script(job, outbound) {
        const ordered = await job.order()
        const { polling_url: url, id } = jsonOf(ordered) ?? {}
        if (typeof id !== 'string') return ordered
        const address = ownAddress(url, outbound.origin, 'bfl.ai')
        if (address === undefined)
          throw new TransportError(
            'refused-address',
            `the address to ask about a job is at a host that is not ${title}'s`,
          )
        return job.until({ method: 'GET', ...address }, isOverFlux)
      },
    }),
})
