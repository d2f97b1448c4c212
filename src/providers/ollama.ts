/**
 * Ollama: models on a machine of one's own, or in its cloud at ollama.com, which wants a key. It speaks its own protocol and OpenAI's.
 * https://docs.ollama.com/api/authentication and https://docs.ollama.com/api/openai-compatibility
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Ollama'

const usualAddress = 'http://127.0.0.1:11434'

interface Address {
  readonly base_url?: string | undefined
}

/** Its protocols stand side by side below the base URL, so the path of either is left away. */
const baseOf = ({ base_url: base = usualAddress }: Address): string => base.replace(/\/(?:api|v1)$/, '')

export const ollama = defineProvider({
  id: 'ollama',
  title,
  config: z.strictObject({
    /** With or without `/api` or `/v1` at its end; `https://ollama.com` for its cloud. */
    base_url: baseUrlField.optional(),
  }),
  env: ['OLLAMA_API_KEY'],
  offers: [
    { operation: 'chat', dialect: 'ollama-chat', verified: true, path: () => '/api/chat' },
    { operation: 'chat', dialect: 'ollama-generate', verified: true, path: () => '/api/generate' },
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: () => '/v1/chat/completions',
      // Servers differ in whether they fetch an image; as bytes it reaches all of them.
      traits: () => ({ mediaUrls: [], olderMaxTokens: true }),
    },
    { operation: 'chat', dialect: 'openai-completions', verified: true, path: () => '/v1/completions' },
    // Not its OpenAI-compatible path, which in older versions knows no base64, as OpenAI's own clients ask for it.
    { operation: 'embed', dialect: 'ollama-embed', path: () => '/api/embed' },
  ],
  keyUrl: 'https://ollama.com/settings/keys',
  docs: [
    { title: 'Authentication', url: 'https://docs.ollama.com/api/authentication', read: '2026-11-27' },
    { title: 'OpenAI compatibility', url: 'https://docs.ollama.com/api/openai-compatibility', read: '2026-11-27' },
  ],
  keyless: true,
  // Whoever runs the machine has paid for it already; the cloud has a price, which nobody tells.
  free: (config) => !/(?:^|\.)ollama\.com$/.test(new URL(baseOf(config)).hostname),
  baseUrl: baseOf,
  sign: (outbound, _config, credential) =>
    credential === undefined
      ? outbound
      : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  quirks: { streamUsageOnRequest: true },
  modelsPath: '/v1/models',
})
