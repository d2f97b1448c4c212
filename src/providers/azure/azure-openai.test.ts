/** Azure OpenAI: both generations of its API, by key. */
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { azure } from './azure-openai.ts'

const v1 = {
  'openai-chat': '/openai/v1/chat/completions',
  'openai-responses': '/openai/v1/responses',
  'openai-completions': '/openai/v1/completions',
  'openai-embeddings': '/openai/v1/embeddings',
  'openai-speech': '/openai/v1/audio/speech',
  'openai-transcriptions': '/openai/v1/audio/transcriptions',
  'openai-translations': '/openai/v1/audio/translations',
  'openai-images': '/openai/v1/images/generations',
  'openai-image-edits': '/openai/v1/images/edits',
  'openai-videos': '/openai/v1/videos',
}
const signed = (key: string) => ({ headers: { 'api-key': key }, credentialHeader: 'api-key' })

describeProvider(azure, {
  cases: [
    {
      name: 'the name of a resource',
      config: { resource: 'contoso' },
      credential: 'az-1',
      expect: { baseUrl: 'https://contoso.openai.azure.com', paths: v1, ...signed('az-1') },
    },
    {
      name: 'an endpoint with the path of the v1 API',
      config: { base_url: 'https://contoso.openai.azure.com/openai/v1/' },
      credential: 'az-2',
      stream: true,
      expect: { baseUrl: 'https://contoso.openai.azure.com', paths: v1, ...signed('az-2') },
    },
    {
      name: 'a version, which puts the deployment into the path',
      config: { base_url: 'https://gate.example/azure', api_version: '2025-04-01-preview' },
      credential: 'az-3',
      model: 'my gpt/4',
      expect: {
        baseUrl: 'https://gate.example/azure',
        paths: {
          'openai-chat': '/openai/deployments/my%20gpt%2F4/chat/completions?api-version=2025-04-01-preview',
          'openai-responses': '/openai/responses?api-version=2025-04-01-preview',
          'openai-completions': '/openai/deployments/my%20gpt%2F4/completions?api-version=2025-04-01-preview',
          'openai-embeddings': '/openai/deployments/my%20gpt%2F4/embeddings?api-version=2025-04-01-preview',
          'openai-speech': '/openai/deployments/my%20gpt%2F4/audio/speech?api-version=2025-04-01-preview',
          'openai-transcriptions':
            '/openai/deployments/my%20gpt%2F4/audio/transcriptions?api-version=2025-04-01-preview',
          'openai-translations': '/openai/deployments/my%20gpt%2F4/audio/translations?api-version=2025-04-01-preview',
          'openai-images': '/openai/deployments/my%20gpt%2F4/images/generations?api-version=2025-04-01-preview',
          'openai-image-edits': '/openai/deployments/my%20gpt%2F4/images/edits?api-version=2025-04-01-preview',
          'openai-videos': '/openai/v1/videos',
        },
        ...signed('az-3'),
      },
    },
  ],
  refused: [
    { name: 'no address', config: {} },
    { name: 'two addresses', config: { resource: 'contoso', base_url: 'https://contoso.openai.azure.com' } },
    { name: 'an address for a name', config: { resource: 'contoso.evil.example/' } },
    { name: 'what is no version', config: { resource: 'contoso', api_version: 'latest' } },
    { name: 'a secret without its application', config: { resource: 'contoso', client_secret: 's' } },
    { name: 'a secret without a tenant', config: { resource: 'contoso', client_id: 'app', client_secret: 's' } },
    {
      name: 'two identities',
      config: { resource: 'contoso', tenant_id: 't', client_id: 'app', client_secret: 's', managed_identity: true },
    },
    {
      name: 'a secret with a line break',
      config: { resource: 'c', tenant_id: 't', client_id: 'a', client_secret: 'a\nb' },
    },
    { name: 'a scope of another kind', config: { resource: 'contoso', managed_identity: true, scope: 'everything' } },
    { name: 'a misspelt field', config: { resource: 'contoso', apiversion: '2024-10-21' } },
  ],
})

describe('the configuration of Azure OpenAI', () => {
  it('needs a key only where it has no identity', () => {
    expect(azure.needsCredential?.({ resource: 'c' })).toBe(true)
    expect(azure.needsCredential?.({ resource: 'c', managed_identity: true })).toBe(false)
    expect(azure.needsCredential?.({ resource: 'c', tenant_id: 't', client_id: 'a', client_secret: 's' })).toBe(false)
  })

  it('is wrong at the field that names a file nobody can read', () => {
    const config = { resource: 'c', tenant_id: 't', client_id: 'a', federated_token_file: '/nowhere/token' }
    expect(azure.problems?.(config)).toEqual([{ field: 'federated_token_file', message: 'does not exist' }])
    expect(azure.problems?.({ resource: 'c' })).toEqual([])
  })

  it('never repeats a refused secret in the complaint about it', () => {
    const result = azure.config.safeParse({
      resource: 'c',
      tenant_id: 't',
      client_id: 'a',
      client_secret: 'k3yMaterial\n',
    })
    expect(JSON.stringify(result.error?.issues)).not.toContain('k3yMaterial')
  })
})
