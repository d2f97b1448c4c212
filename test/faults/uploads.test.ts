/** What can go wrong with a file on its way through: at the client, at the disk, at the provider. Nothing of it may stay behind. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { boundary, formIn, formOf, wavOf } from '../harness/forms.ts'
import type { FormPart } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { rawClient } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const uploadLimit = 4 << 20
let upstream: Upstream
let gateway: Gateway

const yaml = (server: string): string => `
server: { port: 0, upload_limit: ${uploadLimit}, body_limit: 64KiB ${server} }
providers:
  first: { use: openai-compatible, base_url: "${upstream.url}/v1", prices: { units: { audio_ms: 0.0000001 } } }
  second: { use: deepgram, base_url: "${upstream.url}", credentials: up, prices: { units: { audio_ms: 0.0000002 } } }
retries: { rounds: 0 }
routers: { spare: { strategy: fallback, targets: [first/whisper, second/nova-3] } }`

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(yaml(''))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
const fine = json({ text: 'Hello.', usage: { type: 'duration', seconds: 2 } })
beforeEach(() => {
  upstream.received.length = 0
  upstream.answer((response, request) => (request.method === 'GET' ? json({}, 404) : fine)(response, request))
})

const spool = (from = gateway): string => join(from.dir, 'data', 'spool')
const left = (from = gateway): string[] => readdirSync(spool(from))
const calls = () => upstream.received.filter(({ method }) => method === 'POST')
const recording = wavOf(2)
const model: FormPart = { name: 'model', value: 'first/whisper' }
/** Too long to be held in memory. */
const long: FormPart = { name: 'file', value: wavOf(80), file: 'a.wav', type: 'audio/wav' }
const file: FormPart = { name: 'file', value: recording, file: 'a.wav', type: 'audio/wav' }

interface Sent {
  readonly status: number
  readonly error: { readonly code: string; readonly message: string; readonly param: string | null }
  readonly text?: string
}

async function send(body: Uint8Array, headers: Record<string, string> = {}, to = gateway): Promise<Sent> {
  const response = await fetch(`${to.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${clientKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...headers,
    },
    body: new Uint8Array(body),
  })
  return { status: response.status, ...((await response.json()) as Omit<Sent, 'status'>) }
}

/** The record of the latest request, and that nothing was consumed by it. */
async function expectUnbilled(from = gateway): Promise<void> {
  const record = await from.lastRecord()
  expect(record).not.toHaveProperty('usage')
  expect(record).not.toHaveProperty('cost')
  expect(left(from)).toEqual([])
}

describe('forms that are taken', () => {
  it.each([
    ['the file last', [model, { name: 'language', value: 'de' }, file]],
    ['the file first', [file, { name: 'language', value: 'de' }, model]],
    ['the file between', [model, file, { name: 'language', value: 'de' }]],
  ])('have %s', async (_order, parts) => {
    expect(await send(formOf(parts))).toMatchObject({ status: 200, text: 'Hello.' })
    const received = calls().at(-1)
    if (received === undefined) throw new Error('nothing was received')
    const form = await formIn(received)
    expect(form.fields).toEqual({ model: ['whisper'], language: ['de'] })
    expect(form.file?.bytes.equals(recording)).toBe(true)
    expect(left()).toEqual([])
  })

  it('may have sound without a container, and names that want to lead elsewhere', async () => {
    const raw = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 57) % 251))
    const parts = [model, { name: 'file', value: raw, file: '../../../etc/passwd', type: 'audio/l16' }]
    expect(await send(formOf(parts))).toMatchObject({ status: 200 })
    const received = calls().at(-1)
    if (received === undefined) throw new Error('nothing was received')
    expect((await formIn(received)).file).toMatchObject({ name: 'passwd', type: 'audio/l16' })
  })

  it('lie in the spool while they are under way, for the owner alone', async () => {
    const seen: { files: string[]; modes: number[] }[] = []
    upstream.answer((response, request) => {
      const files = left()
      const modes = [spool(), ...files.map((name) => join(spool(), name))].map((path) => statSync(path).mode & 0o777)
      seen.push({ files, modes })
      return fine(response, request)
    })
    await send(formOf([model, long]))
    expect(seen.at(-1)).toEqual({ files: [expect.any(String)], modes: [0o700, 0o600] })
    expect(left()).toEqual([])
  })
})

describe('forms that are refused', () => {
  const whole = formOf([model, file])

  it.each([
    ['cut half-way', whole.subarray(0, whole.length / 2), 'invalid_form'],
    ['cut in a field', whole.subarray(0, 60), 'invalid_form'],
    ['without its last boundary', whole.subarray(0, whole.length - boundary.length - 6), 'invalid_form'],
    ['of nothing', Buffer.alloc(0), 'invalid_form'],
    ['of something else', Buffer.from('{"model":"first/whisper"}'), 'invalid_form'],
    ['without a file', formOf([model]), 'invalid_form'],
    ['with two files', formOf([model, file, file]), 'invalid_form'],
    ['with a file under another name', formOf([model, { ...file, name: 'audio' }]), 'invalid_form'],
    ['with a text in place of the file', formOf([model, { name: 'file', value: 'a.wav' }]), 'invalid_form'],
    ['with a part without a name', nameless('', model), 'invalid_form'],
    ['with a file without a name', nameless('; filename="a.wav"', model), 'invalid_form'],
    ['with an empty file', formOf([model, { ...file, value: '' }]), 'invalid_form'],
    ['with no model', formOf([file]), 'invalid_request'],
    ['with two models', formOf([model, model, file]), 'invalid_request'],
    ['with fields without end', formOf([model, { name: 'prompt', value: 'x'.repeat(70_000) }, file]), 'body_too_large'],
    [
      'with fields without number',
      formOf([...Array.from({ length: 300 }, (_, index) => ({ name: `f${index}`, value: '' })), model, file]),
      'invalid_form',
    ],
    ['with a flag that is none', formOf([model, { name: 'stream', value: 'perhaps' }, file]), 'invalid_request'],
  ])('are %s', async (_what, body, code) => {
    const answer = await send(body)
    expect(answer.error.code).toBe(code)
    expect(answer.status).toBe(code === 'body_too_large' ? 413 : 400)
    expect(calls()).toEqual([])
    await expectUnbilled()
  })

  it('name another boundary than the one that cuts them, or none', async () => {
    const wrong = await send(whole, { 'content-type': 'multipart/form-data; boundary=another' })
    expect(wrong.error.code).toBe('invalid_form')
    const none = await send(whole, { 'content-type': 'multipart/form-data' })
    expect(none.error).toMatchObject({ code: 'invalid_form', message: expect.stringContaining('boundary') as string })
    await expectUnbilled()
  })

  it('are no forms', async () => {
    const answer = await send(Buffer.from('{}'), { 'content-type': 'application/json' })
    expect(answer).toMatchObject({ status: 415, error: { code: 'unsupported_media_type' } })
    const packed = await send(whole, { 'content-encoding': 'gzip' })
    expect(packed.error.code).toBe('invalid_encoding')
  })

  it.each([
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n'), 'PDF'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'PNG'],
    ['an archive', Buffer.from('PK\x03\x04', 'latin1'), 'ZIP'],
    ['a program', Buffer.from('\x7fELF\x02\x01', 'latin1'), 'ELF'],
    ['a page', Buffer.from('<!doctype html><html><body>Not found</body></html>'), 'text'],
    ['a long text', Buffer.from('Grüße, '.repeat(100_000)), 'text'],
  ])('pass %s off as sound', async (_what, bytes, name) => {
    const answer = await send(formOf([model, { ...file, value: bytes }]))
    expect(answer).toMatchObject({ status: 415, error: { code: 'unsupported_media_type', param: 'file' } })
    expect(answer.error.message).toContain('audio/wav')
    expect(answer.error.message).toContain(name)
    expect(calls()).toEqual([])
    await expectUnbilled()
  })

  it('are larger than may be, as they announce or as it turns out', async () => {
    const large = formOf([model, { ...file, value: wavOf(300) }])
    expect((await send(large)).error).toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('server.upload_limit') as string,
    })
    await using client = await rawClient(gateway.url)
    client.send(
      `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${clientKey}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    client.send(`${large.length.toString(16)}\r\n`)
    client.send(large)
    client.send('\r\n0\r\n\r\n')
    expect((await client.response()).status).toBe(413)
    await expectUnbilled()
  })

  it('come without a key: nothing of them is taken', async () => {
    expect(await send(whole, { authorization: 'Bearer nobody' })).toMatchObject({ status: 401 })
    expect(left()).toEqual([])
  })
})

describe('clients that leave', () => {
  it('in the middle of their upload', async () => {
    const before = (await gateway.records()).length
    const client = await rawClient(gateway.url)
    const whole = formOf([model, long])
    client.send(
      `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${clientKey}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${whole.length}\r\n\r\n`,
    )
    client.send(whole.subarray(0, whole.length - 1000))
    await until(() => left().length === 1)
    await client[Symbol.asyncDispose]()
    await until(() => left().length === 0)
    await until(async () => (await gateway.records()).length > before)
    expect(await gateway.lastRecord()).toMatchObject({ outcome: 'client-gone' })
    expect(calls()).toEqual([])
    await expectUnbilled()
  })

  it('in the middle of the answer', async () => {
    const before = (await gateway.records()).length
    const arrival = upstream.arrival()
    upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"type":"transcript.text.delta","delta":"Hel"}\n\n')
    })
    const controller = new AbortController()
    const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${clientKey}`,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      },
      body: new Uint8Array(formOf([model, { name: 'stream', value: 'true' }, file])),
      signal: controller.signal,
    })
    await response.body?.getReader().read()
    controller.abort()
    await (
      await arrival
    ).closed
    await until(async () => (await gateway.records()).length > before)
    expect(await gateway.lastRecord()).toMatchObject({
      outcome: 'client-gone',
      usage: { units: { audio_ms: 2000 } },
      cost: 200_000,
    })
    expect(left()).toEqual([])
  })
})

describe('providers that fail', () => {
  it.each([
    ['with status 500', json({ error: { message: 'out of order' } }, 500)],
    ['by breaking the connection', (response: { destroy(): void }) => response.destroy()],
  ])('%s: the next one gets the same bytes', async (_how, failure) => {
    upstream.next(failure, json(answerOfDeepgram))
    const answer = await send(formOf([{ name: 'model', value: 'spare' }, file]))
    expect(answer).toMatchObject({ status: 200, text: 'Hi.' })
    const [first, second] = calls()
    if (first === undefined || second === undefined) throw new Error('two calls were to be made')
    expect((await formIn(first)).file?.bytes.equals(recording)).toBe(true)
    expect(second.path).toContain('/v1/listen?model=nova-3')
    expect(second.body.equals(recording)).toBe(true)
    expect(await gateway.lastRecord()).toMatchObject({
      deployment: 'second/nova-3',
      cost: 2000 * 200,
      attempts: [{}, { status: 200 }],
    })
    expect(left()).toEqual([])
  })

  it('all: nothing is paid for', async () => {
    upstream.answer(json({ error: { message: 'out of order' } }, 500))
    expect((await send(formOf([{ name: 'model', value: 'spare' }, file]))).status).toBe(502)
    await expectUnbilled()
  })

  it.each([
    ['a page', (response: never) => answerWith(response, 'text/html', '<html>bad gateway</html>')],
    ['no transcript', (response: never) => answerWith(response, 'application/json', '{"status":"queued"}')],
    ['half a document', (response: never) => answerWith(response, 'application/json', '{"text":"Hel')],
  ])('by answering with %s', async (_what, answer) => {
    upstream.answer(answer as never)
    expect((await send(formOf([model, file]))).error.code).toBe('provider_malformed')
    await expectUnbilled()
  })
})

describe('the disk', () => {
  it('is full: it is said so, and the gateway goes on', async () => {
    await using full = await startGateway(yaml(', upload_reserve: 1000000GiB'))
    const answer = await send(formOf([model, long]), {}, full)
    expect(answer).toMatchObject({ status: 503, error: { code: 'spool_full' } })
    expect(calls()).toEqual([])
    await expectUnbilled(full)
    const health = await fetch(`${full.url}/health`)
    expect(health.status).toBe(200)
  })

  it('has what a crash left behind: it is swept away at the start', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluicegate-test-'))
    mkdirSync(join(dir, 'data', 'spool'), { recursive: true })
    chmodSync(join(dir, 'data'), 0o700)
    writeFileSync(join(dir, 'data', 'spool', 'left-behind'), 'half a recording')
    await using swept = await startGateway(yaml(''), { dir })
    expect(left(swept)).toEqual([])
  })
})

function nameless(more: string, ...parts: FormPart[]): Buffer {
  const part = `--${boundary}\r\ncontent-disposition: form-data${more}\r\n\r\nx\r\n`
  return Buffer.concat([Buffer.from(part), formOf(parts)])
}

const answerOfDeepgram = {
  metadata: { duration: 2 },
  results: { channels: [{ alternatives: [{ transcript: 'Hi.', words: [] }] }] },
}

function answerWith(response: never, type: string, body: string): void {
  const to = response as { writeHead(status: number, headers: object): { end(text: string): void } }
  to.writeHead(200, { 'content-type': type }).end(body)
}

/** Of what happens by itself soon. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds()))
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
}
