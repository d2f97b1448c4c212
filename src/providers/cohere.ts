/** Cohere's own service, as its API reference describes it (docs.cohere.com/reference/about). */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Cohere'

export const cohere = defineProvider({
  id: 'cohere',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service, without the version, which is added.'),
  }),
  // The second is what Cohere's own SDKs read.
  env: ['COHERE_API_KEY', 'CO_API_KEY'],
  offers: [
    { operation: 'chat', dialect: 'cohere-chat', verified: true, path: () => '/v2/chat' },
    // "Maximum number of texts per call is 96": docs.cohere.com/reference/embed
    { operation: 'embed', dialect: 'cohere-embed', verified: true, path: () => '/v2/embed', maxInputs: 96 },
    { operation: 'embed', dialect: 'cohere-embed-v1', verified: true, path: () => '/v1/embed', maxInputs: 96 },
    { operation: 'rerank', dialect: 'cohere-rerank', verified: true, path: () => '/v2/rerank' },
    { operation: 'rerank', dialect: 'cohere-rerank-v1', verified: true, path: () => '/v1/rerank' },
  ],
  keyUrl: 'https://dashboard.cohere.com/api-keys',
  docs: [
    { title: 'About the API', url: 'https://docs.cohere.com/reference/about', read: '2026-11-27' },
    { title: 'Embed API (v2)', url: 'https://docs.cohere.com/reference/embed', read: '2026-11-27' },
    { title: 'Rerank API (v2)', url: 'https://docs.cohere.com/reference/rerank', read: '2026-11-27' },
  ],
  baseUrl: ({ base_url: base = 'https://api.cohere.com' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  prices: 'cohere',
})
