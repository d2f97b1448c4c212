/** What is kept of responses when time passes, the disk takes nothing, or the process is killed. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import OpenAI, { NotFoundError } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { newPlace } from '../cli/command-line.ts'
import type { Running } from '../cli/command-line.ts'
import { freePort } from '../harness/free-port.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import { chatTranscript } from '../harness/transcript.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let chat: Upstream
const model = 'chat/m'

beforeAll(async () => {
  chat = await startUpstream()
  chat.answer(chatTranscript)
})
afterAll(() => chat.close())

const clientOf = ({ url }: { readonly url: string }): OpenAI =>
  new OpenAI({ apiKey: clientKey, baseURL: `${url}/v1`, maxRetries: 0 })

const config = (more = ''): string => `
providers: { chat: { use: openai-compatible, base_url: "${chat.url}/v1" } }
retries: { rounds: 0 }
${more}`

describe('time', () => {
  it('ends the life of an answer, and keeps what a living one follows', async () => {
    const clock = new FakeClock()
    await using gateway = await startGateway(config('responses: { retention: 10m, conversation_retention: 20m }'), {
      clock,
    })
    const client = clientOf(gateway)
    const first = await client.responses.create({ model, input: 'one' })
    const { id: conversation } = await client.conversations.create({})
    await clock.advance(5 * 60_000)
    const next = await client.responses.create({ model, input: 'two', previous_response_id: first.id })
    await clock.advance(6 * 60_000)
    await expect(client.responses.retrieve(first.id)).rejects.toThrow(NotFoundError)
    const last = await client.responses.create({ model, input: 'three', previous_response_id: next.id })
    expect(last.output_text.split('\n')).toHaveLength(5)
    await client.conversations.retrieve(conversation)
    await clock.advance(12 * 60_000)
    await expect(client.responses.retrieve(last.id)).rejects.toThrow(NotFoundError)
    await expect(client.conversations.retrieve(conversation)).rejects.toThrow(NotFoundError)
    using db = new DatabaseSync(join(gateway.dir, 'data', 'state.db'))
    expect(db.prepare('SELECT count(*) AS n FROM responses').get()?.['n']).toBe(0)
  })
})

describe('a disk that takes nothing', () => {
  it('costs no answer, complete or streamed: who asks for it later is told that there is none', async () => {
    await using gateway = await startGateway(config())
    const client = clientOf(gateway)
    const kept = await client.responses.create({ model, input: 'one' })
    using db = new DatabaseSync(join(gateway.dir, 'data', 'state.db'))
    db.exec("CREATE TRIGGER full BEFORE INSERT ON responses BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    const lost = await client.responses.create({ model, input: 'two', previous_response_id: kept.id })
    expect(lost.output_text).toContain('user: two')
    let streamed = ''
    for await (const event of await client.responses.create({ model, input: 'x', stream: true }))
      if (event.type === 'response.completed') streamed = event.response.id
    expect(streamed).not.toBe('')
    await expect(client.responses.retrieve(lost.id)).rejects.toThrow(NotFoundError)
    await expect(client.responses.retrieve(streamed)).rejects.toThrow(NotFoundError)
    await expect(client.responses.create({ model, input: 'x', previous_response_id: lost.id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    })
    await expect(client.responses.create({ model, input: 'x', background: true })).rejects.toMatchObject({
      status: 503,
      code: 'overloaded',
    })
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toMatch(/^sluicegate_responses_unkept_total 3$/m)
    expect(gateway.log.filter(({ msg }) => msg === 'an answer could not be kept')).toHaveLength(3)
  })
})

describe('a gateway that keeps nothing', () => {
  it('answers as if every client had said so', async () => {
    await using gateway = await startGateway(config('responses: { keep: false }'))
    const client = clientOf(gateway)
    const { id } = await client.responses.create({ model, input: 'one', store: true })
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError)
    await expect(client.responses.create({ model, input: 'x', background: true })).rejects.toMatchObject({
      param: 'background',
    })
  })
})

describe('a process that is killed', () => {
  it('has kept every answer that its client had whole, and lets none seem to run', async () => {
    using place = newPlace()
    const started = async (): Promise<Running> => {
      const gateway = place.start(['serve'])
      await gateway.seen(/listening on/)
      return gateway
    }
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    place.write(
      'sluicegate.yaml',
      config(`server: { port: ${port} }
data: { dir: ./data }
keys: [{ name: test, secret: ${clientKey} }]
logging: { format: json }`),
    )
    const first = await started()
    const client = clientOf({ url })
    const { id } = await client.responses.create({ model, input: 'one' })
    const arrival = chat.arrival()
    chat.next(() => {})
    const running = await client.responses.create({ model, input: 'two', background: true })
    await arrival
    first.process.kill('SIGKILL')
    await first.ended()
    const second = await started()
    expect((await client.responses.retrieve(id)).output_text).toBe('user: one')
    expect(await client.responses.retrieve(running.id)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
    })
    second.process.kill('SIGKILL')
    await second.ended()
  })
})
