/** AssemblyAI: recordings, each written down by a job that is asked about until it is done. The gateway holds the several calls together. */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { defineProvider } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { assemblyaiTransport } from './transport.ts'

const title = 'AssemblyAI'

const regions = { us: 'https://api.assemblyai.com', eu: 'https://api.eu.assemblyai.com' }

export const assemblyai = defineProvider({
  id: 'assemblyai',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service, without the version, which is added.'),
    region: z
      .enum(['us', 'eu'])
      .default('us')
      .describe('Where recordings are sent and kept; `base_url` comes before it.'),
  }),
  env: ['ASSEMBLYAI_API_KEY'],
  regions,
  offers: [
    { operation: 'transcribe', dialect: 'assemblyai-transcripts', verified: true, path: () => '/v2/transcript' },
  ],
  keyUrl: 'https://www.assemblyai.com/app/api-keys',
  docs: [
    { title: 'OpenAPI description', url: 'https://www.assemblyai.com/docs/openapi.json', read: '2026-11-27' },
    {
      title: 'Select the speech model',
      url: 'https://www.assemblyai.com/docs/pre-recorded-audio/select-the-speech-model',
      read: '2026-11-27',
    },
    {
      title: 'Transcript status',
      url: 'https://assemblyai.com/docs/pre-recorded-audio/transcript-status',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base, region }) => base ?? regions[region],
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: requireCredential(credential, title) }),
  transport: (_config, context) => assemblyaiTransport(context),
})
