/** Triton's generate extension behind the gateway, asked by official SDKs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { sdkClients } from '../../harness/sdk-clients.ts'
import type { Heard } from '../../harness/sdk-clients.ts'
import { json, startUpstream, stream } from '../../harness/upstream.ts'
import type { Upstream } from '../../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  triton-kserve: { base_url: "${upstream.url}" }
retries: { rounds: 0 }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.length = 0
})

const head = { model_name: 'llama', model_version: '1' }
const event = (more: object): string => `data: ${JSON.stringify({ ...head, ...more })}\n\n`
const asked = () => {
  const request = upstream.received.at(-1)
  return { path: request?.path, body: JSON.parse(request?.body.toString() ?? '') as unknown }
}

async function lastRecord() {
  while (gateway.app.server.inFlight > 0) await settle()
  return gateway.lastRecord()
}

describe.each(['openai-chat', 'anthropic-messages'])('a client of %s', (dialect) => {
  const ask = async (streamed: boolean, tools = false): Promise<Heard> => {
    const client = sdkClients({ url: gateway.url, key: clientKey }).find((one) => one.dialect === dialect)
    if (client === undefined) throw new Error(`there is no client of ${dialect}`)
    return client.ask('triton-kserve/llama', streamed, tools)
  }

  it('has a text generated, whose tokens are estimated where none are told', async () => {
    upstream.answer(json({ ...head, text_output: 'Something.' }))
    expect((await ask(false)).text).toBe('Something.')
    expect(asked()).toMatchObject({
      path: '/v2/models/llama/generate',
      body: { text_input: 'Say something.', parameters: { stream: false } },
    })
    expect(await lastRecord()).toMatchObject({ outcome: 'ok', usage: { estimated: true } })
  })

  it('hears it as a stream, which ends when the connection does', async () => {
    upstream.answer(
      stream([
        event({ text_output: 'Some' }),
        event({ text_output: 'thing' }).slice(0, 9),
        event({ text_output: 'thing' }).slice(9),
      ]),
    )
    expect((await ask(true)).text).toBe('Something')
    expect(asked()).toMatchObject({ path: '/v2/models/llama/generate_stream', body: { parameters: { stream: true } } })
    expect(await lastRecord()).toMatchObject({ outcome: 'ok', stream: true, usage: { estimated: true } })
  })

  it('has the tokens that the model tells', async () => {
    upstream.answer(
      stream([
        event({ text_output: 'Some', num_input_tokens: 3, num_output_tokens: 1 }),
        event({ text_output: 'thing', num_input_tokens: 3, num_output_tokens: 1, finish_reason: 'stop' }),
      ]),
    )
    expect(await ask(true)).toMatchObject({ text: 'Something', input: 3, output: 2 })
  })

  it('is told of errors, before the answer and in it', async () => {
    upstream.answer(json({ error: 'Request for unknown model' }, 400))
    expect((await ask(true)).error).toMatchObject({ official: true, status: 400 })
    upstream.answer(stream(['data: {"error":"out of memory"}\n\n']))
    const { error } = await ask(true)
    expect(error).toMatchObject({ official: true, status: 502 })
    expect(error?.message).toContain('out of memory')
  })

  it('is told of a stream that breaks off', async () => {
    upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event({ text_output: 'Some' }))
      setImmediate(() => response.destroy())
    })
    expect((await ask(true)).error).toBeDefined()
    expect((await lastRecord())?.outcome).not.toBe('ok')
  })

  it('is refused tools, clearly', async () => {
    const { error } = await ask(false, true)
    expect(error).toMatchObject({ official: true, status: 400 })
    expect(upstream.received).toEqual([])
  })
})
