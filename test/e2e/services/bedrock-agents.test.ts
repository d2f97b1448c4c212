/** Bedrock's agents and knowledge bases behind the gateway, asked by official SDKs: events, sources and sessions as AWS has them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import OpenAI from 'openai'
import { writeAwsEvent } from '../../../src/bytes/aws-event-message.ts'
import { settle } from '../../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { sdkClients } from '../../harness/sdk-clients.ts'
import type { Heard } from '../../harness/sdk-clients.ts'
import { json, startUpstream, stream } from '../../harness/upstream.ts'
import type { Answer, Upstream } from '../../harness/upstream.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const agent = 'aws/agent/AGENT12345/TSTALIASID'
const model = 'anthropic.claude-3-5-sonnet-20241022-v2:0'
const base = `aws/knowledge-base/KB12345678/${model}`

let upstream: Upstream
let gateway: Gateway
let openai: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  aws: { use: bedrock-agents, region: us-east-1, base_url: "${upstream.url}", access_key_id: AKIDEXAMPLE, secret_access_key: "${secret}" }
retries: { rounds: 0 }`)
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.length = 0
})

const headers = (about: Record<string, string>) =>
  new Map(Object.entries(about).map(([name, value]) => [name, { type: 'string' as const, value }]))
const event = (type: string, payload: object): Uint8Array =>
  writeAwsEvent({
    headers: headers({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }),
    payload: Buffer.from(JSON.stringify(payload)),
  })
const exception = (type: string, message: string): Uint8Array =>
  writeAwsEvent({
    headers: headers({ ':exception-type': type, ':message-type': 'exception' }),
    payload: Buffer.from(JSON.stringify({ message })),
  })
const binary = (...events: Uint8Array[]): Answer =>
  stream(events, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amz-bedrock-agent-session-id': 'session-1',
  })
const bytes = (text: string): string => Buffer.from(text).toString('base64')
const source = 'https://example.com/returns'
const citation = {
  generatedResponsePart: { textResponsePart: { text: 'Returns are free.', span: { start: 0, end: 16 } } },
  retrievedReferences: [
    { content: { text: 'Free within 30 days.' }, location: { type: 'WEB', webLocation: { url: source } } },
  ],
}
const agentEvents = () => [
  event('trace', { agentId: 'AGENT12345' }),
  event('chunk', { bytes: bytes('Returns are free.'), attribution: { citations: [citation] } }),
  event('chunk', { bytes: bytes(' Always.') }),
]
const bodyOf = (): unknown => JSON.parse(upstream.received.at(-1)?.body.toString() ?? '')

async function lastRecord() {
  while (gateway.app.server.inFlight > 0) await settle()
  return gateway.lastRecord()
}

describe.each(['openai-chat', 'anthropic-messages'])('a client of %s', (dialect) => {
  const ask = async (name: string, streamed: boolean, tools = false): Promise<Heard> => {
    const client = sdkClients({ url: gateway.url, key: clientKey }).find((one) => one.dialect === dialect)
    if (client === undefined) throw new Error(`there is no client of ${dialect}`)
    return client.ask(name, streamed, tools)
  }

  it.each([false, true])('has the answer of an agent (streamed: %s)', async (streamed) => {
    upstream.answer(binary(...agentEvents()))
    expect((await ask(agent, streamed)).text).toBe('Returns are free. Always.')
    const request = upstream.received.at(-1)
    expect(request?.method).toBe('POST')
    expect(request?.path).toMatch(/^\/agents\/AGENT12345\/agentAliases\/TSTALIASID\/sessions\/[\w.:-]{2,100}\/text$/)
    expect(request?.headers.authorization).toContain('/us-east-1/bedrock/aws4_request')
    expect(bodyOf()).toEqual({
      inputText: 'Say something.',
      ...(streamed && { streamingConfigurations: { streamFinalResponse: true } }),
    })
    expect(await lastRecord()).toMatchObject({ outcome: 'ok', stream: streamed, usage: { estimated: true } })
  })

  it.each([false, true])('has an answer from a knowledge base (streamed: %s)', async (streamed) => {
    upstream.answer(
      streamed
        ? binary(
            event('output', { text: 'Returns ' }),
            event('output', { text: 'are free.' }),
            event('citation', citation),
          )
        : json({ sessionId: 's', output: { text: 'Returns are free.' }, citations: [citation] }),
    )
    expect((await ask(base, streamed)).text).toBe('Returns are free.')
    expect(upstream.received.at(-1)?.path).toBe(`/retrieveAndGenerate${streamed ? 'Stream' : ''}`)
    expect(bodyOf()).toMatchObject({
      input: { text: 'Say something.' },
      retrieveAndGenerateConfiguration: {
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseConfiguration: { knowledgeBaseId: 'KB12345678', modelArn: model },
      },
    })
  })

  it.each([agent, base])('is told of an exception among the events of %s as what it is', async (name) => {
    upstream.answer(binary(exception('throttlingException', 'Slow down.')))
    expect((await ask(name, true)).error).toMatchObject({ official: true, status: 429 })
  })

  it('is told of one that stands in place of a complete answer', async () => {
    upstream.answer(binary(exception('dependencyFailedException', 'The Lambda function failed.')))
    const { error } = await ask(agent, false)
    expect(error).toMatchObject({ official: true, status: 502 })
    expect(error?.message).toContain('The Lambda function failed.')
  })

  it('is told of a broken stream', async () => {
    upstream.answer(binary(...agentEvents().slice(0, 2), Buffer.from(event('chunk', {})).subarray(0, 20)))
    expect((await ask(agent, true)).error).toBeDefined()
    expect((await ask(agent, false)).error).toMatchObject({ official: true })
  })

  it('hears nothing of the keys', async () => {
    upstream.answer(
      json({ message: `The security token ${secret} is invalid.` }, 403, {
        'x-amzn-errortype': 'AccessDeniedException',
      }),
    )
    const { error } = await ask(agent, false)
    expect(error?.status).toBe(502)
    expect(error?.message).not.toContain(secret)
    expect(JSON.stringify([gateway.log, await gateway.records()])).not.toContain(secret)
  })

  it('is refused tools, clearly, and actions that the agent leaves to its caller', async () => {
    expect((await ask(agent, false, true)).error).toMatchObject({ official: true, status: 400 })
    expect(upstream.received).toEqual([])
    upstream.answer(binary(event('returnControl', { invocationId: 'i', invocationInputs: [] })))
    for (const streamed of [false, true]) {
      const { error } = await ask(agent, streamed)
      expect(error).toMatchObject({ official: true, status: 400 })
      expect(error?.message).toContain('returnControl')
    }
  })
})

it('tells the sources of an answer, complete and streamed', async () => {
  const messages = [{ role: 'user' as const, content: 'May I return it?' }]
  upstream.answer(binary(...agentEvents()))
  const whole = await openai.chat.completions.create({ model: agent, messages })
  expect(whole.choices[0]?.message.annotations).toMatchObject([
    { type: 'url_citation', url_citation: { url: source, start_index: 0, end_index: 17 } },
  ])
  const annotations: unknown[] = []
  for await (const { choices } of await openai.chat.completions.create({ model: agent, messages, stream: true })) {
    const delta = choices[0]?.delta as { annotations?: unknown[] } | undefined
    annotations.push(...(delta?.annotations ?? []))
  }
  expect(annotations).toMatchObject([{ url_citation: { url: source } }])
})

it('goes on with the session that the client names, and sends what is new', async () => {
  upstream.answer(binary(...agentEvents()))
  const { response } = await openai.chat.completions
    .create({
      model: agent,
      metadata: { session_id: 'chat-42' },
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Ho' },
        { role: 'user', content: 'Why?' },
      ],
    })
    .withResponse()
  expect(upstream.received.at(-1)?.path).toBe('/agents/AGENT12345/agentAliases/TSTALIASID/sessions/chat-42/text')
  expect(bodyOf()).toEqual({ inputText: 'Why?' })
  expect(response.headers.get('x-sluicegate-lost')).toContain('messages')
})

it('has a session of its own for each request that names none', async () => {
  upstream.answer(binary(...agentEvents()))
  const ask = () => openai.chat.completions.create({ model: agent, messages: [{ role: 'user', content: 'Hi' }] })
  await ask()
  await ask()
  expect(new Set(upstream.received.map(({ path }) => path)).size).toBe(2)
})
