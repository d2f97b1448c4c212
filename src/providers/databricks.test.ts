/** Databricks: where a workspace serves its models, and both ways to be let in. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../kernel/testing/fake-clock.ts'
import { playedTransport, sentText } from '../kernel/testing/played-transport.ts'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { databricks } from './databricks.ts'

const workspace = 'https://adb-1.2.azuredatabricks.net'
const paths = {
  'openai-chat': '/serving-endpoints/chat/completions',
  'openai-responses': '/serving-endpoints/responses',
  'openai-completions': '/serving-endpoints/completions',
  'openai-embeddings': '/serving-endpoints/embeddings',
}
const principal = { base_url: workspace, client_id: 'app-1', client_secret: 'dose:cret/+' }

describeProvider(databricks, {
  context: () => ({
    clock: new FakeClock(),
    transport: playedTransport(() => ({ body: { access_token: 'oauth-1', expires_in: 3600, token_type: 'Bearer' } })),
  }),
  cases: [
    {
      name: 'a token',
      config: { base_url: `${workspace}/` },
      credential: 'dapi-1',
      expect: {
        baseUrl: workspace,
        paths,
        headers: { authorization: 'Bearer dapi-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'a service principal, at an address as OpenAI’s SDKs want it',
      config: { ...principal, base_url: `${workspace}/serving-endpoints` },
      expect: { baseUrl: workspace, paths, headers: { authorization: 'Bearer oauth-1' } },
    },
  ],
  refused: [
    { name: 'no workspace', config: {} },
    { name: 'an id without its secret', config: { base_url: workspace, client_id: 'a' } },
    { name: 'a secret without its id', config: { base_url: workspace, client_secret: 'a' } },
    { name: 'a misspelt field', config: { base_url: workspace, token: 'a' } },
  ],
})

describe('a service principal', () => {
  const outbound = { method: 'POST', origin: workspace, path: '/x', headers: {}, body: null }

  it('signs in at its workspace', async () => {
    const transport = playedTransport(() => ({ body: { access_token: 'oauth-1', expires_in: 3600 } }))
    await databricks.open?.(principal, { clock: new FakeClock(), transport })?.sign(outbound, undefined)
    expect(transport.asked).toMatchObject([
      {
        method: 'POST',
        origin: workspace,
        path: '/oidc/v1/token',
        headers: { authorization: `Basic ${Buffer.from('app-1:dose%3Acret%2F%2B').toString('base64')}` },
      },
    ])
    expect(sentText(transport.asked[0])).toBe('grant_type=client_credentials&scope=all-apis')
  })

  it('is told what to check when it is refused', async () => {
    const transport = playedTransport(() => ({ status: 401, body: { error: 'invalid_client' } }))
    const signing = databricks.open?.(principal, { clock: new FakeClock(), transport })?.sign(outbound, undefined)
    await expect(signing).rejects.toMatchObject({
      code: 'provider_authentication',
      message: expect.stringContaining('Check `client_id` and `client_secret`') as unknown,
    })
  })
})

it('has Responses of OpenAI’s models alone', () => {
  const responses = databricks.offers.find(({ dialect }) => dialect === 'openai-responses')
  expect(responses?.serves?.('databricks-gpt-5', undefined)).toBe(true)
  expect(responses?.serves?.('databricks-claude-sonnet-4-5', undefined)).toBe(false)
})
