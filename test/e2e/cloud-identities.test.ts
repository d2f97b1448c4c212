/**
 * Clouds behind the gateway, over HTTP: a token issuer and a service on loopback. Bodies have the members that a cloud wants instead of
 * the protocol's own, whether they pass through or were translated, and a token is asked for once.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { writeAwsEvent } from '../../src/bytes/aws-event-message.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { anthropic, eventsOf, openai } from '../harness/protocols.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

let service: Upstream
let issuer: Upstream
let gateway: Gateway
beforeAll(async () => {
  service = await startUpstream()
  issuer = await startUpstream()
  gateway = await startGateway(yaml())
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([service.close(), issuer.close()])
})
afterEach(() => {
  service.received.length = 0
  issuer.received.length = 0
})

const yaml = () => `
retries: { rounds: 0 }
providers:
  vertex: { project: p, location: global, base_url: "${service.url}", metadata_server: "${issuer.url}" }
  azure: { base_url: "${service.url}", api_version: "2024-10-21", credentials: az-key }
  bedrock: { base_url: "${service.url}", region: eu-west-1, instance_role: true, metadata_server: "${issuer.url}" }
  entra: { use: azure, base_url: "${service.url}", tenant_id: t, client_id: app, client_secret: hush-hush, authority: "${issuer.url}" }
`

const token = (value: string) => json({ access_token: value, expires_in: 3599, token_type: 'Bearer' })

function post(path: string, body: string): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
    body,
  })
}

describe('Claude at Vertex AI', () => {
  it('gets the body of a client of its protocol byte for byte, but for the model and the version', async () => {
    issuer.answer(token('ya29.one'))
    service.answer(json(anthropic.answer('Hello')))
    const body =
      '{ "max_tokens": 5,\n  "model" : "vertex/claude-x", "messages":[{"role":"user","content":"caf\\u00e9"}] , "odd":1.50}'
    const response = await post('/v1/messages', body)
    expect(response.status).toBe(200)
    expect(anthropic.textOf(await response.text())).toBe('Hello')
    const [received] = service.received
    expect(received?.path).toBe('/v1/projects/p/locations/global/publishers/anthropic/models/claude-x:rawPredict')
    expect(received?.headers.authorization).toBe('Bearer ya29.one')
    expect(received?.body.toString()).toBe(
      '{ "max_tokens": 5, "messages":[{"role":"user","content":"caf\\u00e9"}] , "odd":1.50,"anthropic_version":"vertex-2023-10-16"}',
    )
  })

  it('gets the translated body of any other client with the same members, and its stream back', async () => {
    issuer.answer(token('ya29.two'))
    service.answer(stream(anthropic.events(['Hel', 'lo'])))
    const response = await post('/v1/chat/completions', openai.request('vertex/claude-x', { stream: true }))
    expect(openai.textOf(await response.text())).toBe('Hello')
    const [received] = service.received
    expect(received?.path).toMatch(/claude-x:streamRawPredict$/)
    const sent = JSON.parse(received?.body.toString() ?? '') as Record<string, unknown>
    expect(sent['anthropic_version']).toBe('vertex-2023-10-16')
    expect(sent['stream']).toBe(true)
    expect(sent).not.toHaveProperty('model')
  })
})

describe('a token', () => {
  it('is asked for once by fifty requests that come together', async () => {
    await using other = await startGateway(yaml())
    issuer.answer(async (response, request) => {
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
      await token('entra-1')(response, request)
    })
    service.answer(json(openai.answer('Hello')))
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        fetch(`${other.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
          body: openai.request('entra/gpt-x'),
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(issuer.received).toHaveLength(1)
    expect(new Set(service.received.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer entra-1']))
    expect(service.received[0]?.path).toBe('/openai/v1/chat/completions')
  })

  it('that is refused leads to the next target, whatever the issuer called it', async () => {
    await using other = await startGateway(
      `${yaml()}\nrouters: { both: { strategy: fallback, targets: [entra/gpt-x, azure/gpt-x] } }`,
    )
    issuer.answer(json({ error: 'invalid_grant' }, 400))
    service.answer(json(openai.answer('Hello')))
    const response = await fetch(`${other.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
      body: openai.request('both'),
    })
    expect(response.status).toBe(200)
    expect(service.received.map(({ headers }) => headers['api-key'])).toEqual(['az-key'])
  })

  it('that is refused is a fault of the provider, told in general to clients and in full in the record', async () => {
    await using other = await startGateway(yaml())
    issuer.answer(json({ error: 'invalid_client', error_description: 'AADSTS7000215: hush-hush is wrong.' }, 401))
    const response = await fetch(`${other.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
      body: openai.request('entra/gpt-x'),
    })
    expect(response.status).toBe(502)
    const text = await response.text()
    expect(text).toContain('The gateway could not get a credential for entra.')
    expect(text).not.toContain('AADSTS')
    expect(service.received).toHaveLength(0)
    const [record] = await other.records()
    expect(record?.attempts[0]?.fault).toBe('provider_authentication')
    expect(record?.attempts[0]?.message).toContain('AADSTS7000215: [secret] is wrong.). Check `tenant_id`')
  })
})

describe('Claude at Bedrock', () => {
  const keys = {
    Code: 'Success',
    AccessKeyId: 'ASIA1',
    SecretAccessKey: 'secret-key',
    Token: 'session-1',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const asInstance: Answer = (response, request) =>
    json(request.method === 'PUT' ? 'imds' : request.path.endsWith('/') ? 'role' : keys)(response, request)
  const text = (value: string) => ({ type: 'string', value }) as const
  const wrapped = (events: readonly string[]) =>
    stream(
      eventsOf(events.join('')).map(({ data }) =>
        writeAwsEvent({
          headers: new Map([
            [':event-type', text('chunk')],
            [':message-type', text('event')],
          ]),
          payload: Buffer.from(JSON.stringify({ bytes: Buffer.from(data).toString('base64') })),
        }),
      ),
      { 'content-type': 'application/vnd.amazon.eventstream' },
    )

  it('is streamed to a client of its protocol as Anthropic would, signed with the role of the instance', async () => {
    issuer.answer(asInstance)
    const events = anthropic.events(['Hel', 'lo'])
    service.answer(wrapped(events))
    const response = await post('/v1/messages', anthropic.request('bedrock/anthropic.claude-x', { stream: true }))
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(eventsOf(await response.text())).toEqual(eventsOf(events.join('')))
    const [received] = service.received
    expect(received?.path).toBe('/model/anthropic.claude-x/invoke-with-response-stream')
    expect(received?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIA1\/\d{8}\/eu-west-1\/bedrock\//)
    expect(received?.headers['x-amz-security-token']).toBe('session-1')
    const sent = JSON.parse(received?.body.toString() ?? '') as Record<string, unknown>
    expect(sent['anthropic_version']).toBe('bedrock-2023-05-31')
    expect(sent).not.toHaveProperty('model')
    expect(sent).not.toHaveProperty('stream')
    expect(issuer.received).toHaveLength(3)
  })

  it('answers whole, too, and is metered', async () => {
    service.answer(json(anthropic.answer('Hello')))
    const response = await post('/v1/messages', anthropic.request('bedrock/anthropic.claude-x'))
    expect(anthropic.textOf(await response.text())).toBe('Hello')
    expect(service.received[0]?.path).toBe('/model/anthropic.claude-x/invoke')
    const record = await gateway.lastRecord()
    expect(record?.usage?.input?.total).toBeGreaterThan(0)
  })
})

describe('Azure OpenAI with a version', () => {
  it('has the deployment in its path, and tells what its filters said', async () => {
    const filters = { hate: { filtered: false, severity: 'medium' } }
    const answer = openai.answer('Hello')
    service.answer(json({ ...answer, prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters }] }))
    const response = await post('/v1/chat/completions', openai.request('azure/my-gpt'))
    expect(response.headers.get('x-sluicegate-safety')).toBe('input=flagged;categories="hate"')
    await response.text()
    expect(service.received[0]?.path).toBe('/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21')
    expect(service.received[0]?.headers['api-key']).toBe('az-key')
    expect(service.received[0]?.headers.authorization).toBeUndefined()
  })
})
