/**
 * Not Diamond: says which of several models is likely to answer a request best, and answers none itself. Routers ask it before they
 * decide (`POST /v2/modelRouter/modelSelect`, as its own client libraries call it: Not-Diamond/not-diamond-python and -typescript, api.md).
 */
import { z } from 'zod'
import type { AdviserCalls } from '../kernel/account-calls.ts'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { isJsonObject } from '../model/json.ts'

const title = 'Not Diamond'

const adviser: AdviserCalls = {
  select: ({ text, candidates, tradeoff }) => ({
    method: 'POST',
    path: '/v2/modelRouter/modelSelect',
    body: {
      messages: [{ role: 'user', content: text }],
      llm_providers: candidates.map((name) => {
        const slash = name.indexOf('/')
        return { provider: name.slice(0, slash), model: name.slice(slash + 1) }
      }),
      ...(tradeoff !== undefined && { tradeoff }),
    },
  }),
  readChoice({ providers }) {
    const first: unknown = Array.isArray(providers) ? providers[0] : undefined
    const { provider, model } = isJsonObject(first) ? first : {}
    return typeof provider === 'string' && typeof model === 'string' ? `${provider}/${model}` : undefined
  },
}

export const notdiamond = defineProvider({
  id: 'notdiamond',
  title,
  config: z.strictObject({ base_url: baseUrlField.optional().describe('Address of the service.') }),
  env: ['NOTDIAMOND_API_KEY'],
  // By itself it would serve nothing: a router has to name it.
  optIn: true,
  offers: [],
  keyUrl: 'https://app.notdiamond.ai',
  docs: [
    { title: 'Introduction', url: 'https://docs.notdiamond.ai/reference/api-introduction', read: '2026-11-27' },
    {
      title: 'Quick start: pre-trained router',
      url: 'https://docs.notdiamond.ai/docs/quickstart-routing',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://api.notdiamond.ai' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  adviser: () => adviser,
})
