/** Microsoft Foundry: which protocol a deployment is spoken to in, and what each wants to be told. */
import { expect, it } from 'vitest'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { azureFoundry } from './azure-foundry.ts'

const claude = {
  'anthropic-messages': '/anthropic/v1/messages',
  'anthropic-count-tokens': '/anthropic/v1/messages/count_tokens',
}
const signed = (key: string, headers: Record<string, string> = {}) => {
  const forClaude = { 'x-api-key': key, 'anthropic-version': '2023-06-01', ...headers }
  return {
    headers: { 'api-key': key },
    headersOf: { 'anthropic-messages': forClaude, 'anthropic-count-tokens': forClaude },
    credentialHeader: 'api-key',
  }
}

describeProvider(azureFoundry, {
  cases: [
    {
      name: 'the name of a resource',
      config: { resource: 'contoso' },
      credential: 'fo-1',
      expect: {
        baseUrl: 'https://contoso.services.ai.azure.com',
        paths: {
          'openai-chat': '/openai/v1/chat/completions',
          'openai-responses': '/openai/v1/responses',
          'openai-embeddings': '/openai/v1/embeddings',
          ...claude,
        },
        ...signed('fo-1'),
      },
    },
    {
      name: 'an address as Anthropic’s SDK wants it, and a version of the inference API',
      config: { base_url: 'https://contoso.services.ai.azure.com/anthropic/', api_version: '2024-05-01-preview' },
      credential: 'fo-2',
      expect: {
        baseUrl: 'https://contoso.services.ai.azure.com',
        paths: {
          'openai-chat': '/models/chat/completions?api-version=2024-05-01-preview',
          'openai-embeddings': '/models/embeddings?api-version=2024-05-01-preview',
          ...claude,
        },
        ...signed('fo-2'),
      },
    },
  ],
  refused: [
    { name: 'no address', config: {} },
    { name: 'an incomplete identity', config: { resource: 'contoso', tenant_id: 't', client_secret: 's' } },
    { name: 'a misspelt field', config: { resource: 'contoso', key: 'k' } },
  ],
})

it.each([
  ['claude-sonnet-4-5', undefined, ['anthropic-messages', 'anthropic-count-tokens']],
  ['Mistral-large', undefined, ['openai-chat', 'openai-responses', 'openai-embeddings']],
  ['writer', 'anthropic-messages', ['anthropic-messages', 'anthropic-count-tokens']],
  ['not-claude-at-all', 'openai-chat', ['openai-chat', 'openai-responses', 'openai-embeddings']],
])('speaks to the deployment %s (protocol %s) in %j', (model, protocol, dialects) => {
  const serving = azureFoundry.offers.filter((offer) => offer.serves?.(model, protocol) === true)
  expect(serving.map(({ dialect }) => dialect)).toEqual(dialects)
})

it('tells the version of the protocol beside a token, too', async () => {
  const config = { resource: 'c', managed_identity: true }
  const clock = { now: () => 0, monotonic: () => 0, after: () => ({ cancel() {} }) }
  const { playedTransport } = await import('../../kernel/testing/played-transport.ts')
  const transport = playedTransport(() => ({ body: { access_token: 'tok', expires_in: 60 } }))
  const signer = azureFoundry.open?.(config, { clock, transport })
  const outbound = { method: 'POST', origin: 'https://c', path: '/anthropic/v1/messages', headers: {}, body: null }
  expect((await signer?.sign(outbound, undefined))?.headers).toEqual({
    authorization: 'Bearer tok',
    'anthropic-version': '2023-06-01',
  })
  expect(transport.asked[0]?.path).toContain(encodeURIComponent('https://ai.azure.com'))
})
