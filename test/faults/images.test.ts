/** What can go wrong with pictures: forms that lie, disks that are full, jobs that never end, clients that leave. Nothing of it may stay behind. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { boundary, formIn, formOf } from '../harness/forms.ts'
import type { FormPart } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { rawClient } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const uploadLimit = 4 << 20
let upstream: Upstream
let gateway: Gateway

const yaml = (server: string): string => `
server: { port: 0, upload_limit: ${uploadLimit}, body_limit: 64KiB ${server} }
providers:
  first: { use: openai-compatible, base_url: "${upstream.url}/v1", discover: never, prices: { units: { images: 0.01 } } }
  second: { use: stability, base_url: "${upstream.url}", credentials: up }
  bfl: { use: black-forest-labs, base_url: "${upstream.url}", credentials: up, timeouts: { first_byte: 600ms } }
  comfyui: { base_url: "${upstream.url}", discover: never, timeouts: { first_byte: 60s } }
retries: { rounds: 0 }
media: { allow: ["127.0.0.0/8"] }
routers: { spare: { strategy: fallback, targets: [first/painter, second/ultra] } }`

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(yaml(''))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
  'base64',
)
const fine = json({ created: 1, data: [{ b64_json: png.toString('base64') }] })
beforeEach(() => {
  upstream.received.length = 0
  upstream.answer(fine)
})

/** Too large to stay in memory. */
const large = Buffer.concat([png, Buffer.alloc(3 << 20)])

const left = (from = gateway): string[] => readdirSync(join(from.dir, 'data', 'spool'))
const model: FormPart = { name: 'model', value: 'first/painter' }
const prompt: FormPart = { name: 'prompt', value: 'A lighthouse' }
const image: FormPart = { name: 'image', value: png, file: 'a.png', type: 'image/png' }
const many = (count: number, part: FormPart): FormPart[] => Array.from({ length: count }, () => part)

interface Sent {
  readonly status: number
  readonly error: { readonly code: string; readonly message: string; readonly param: string | null }
}

async function send(path: string, body: Uint8Array, type?: string, to = gateway): Promise<Sent> {
  const response = await fetch(`${to.url}/v1/images/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${clientKey}`,
      'content-type': type ?? `multipart/form-data; boundary=${boundary}`,
    },
    body: new Uint8Array(body),
  })
  return { status: response.status, ...((await response.json()) as Omit<Sent, 'status'>) }
}
const edit = (parts: readonly FormPart[]) => send('edits', formOf(parts))
const generate = (name: string) =>
  send('generations', Buffer.from(JSON.stringify({ model: name, prompt: 'x' })), 'application/json')

async function expectUnbilled(from = gateway): Promise<void> {
  const record = (await from.records()).at(-1)
  expect(record).not.toHaveProperty('usage')
  expect(record).not.toHaveProperty('cost')
  expect(left(from)).toEqual([])
}

describe('forms that are refused', () => {
  const whole = formOf([model, prompt, image])

  it.each([
    ['cut half-way', whole.subarray(0, whole.length - 60), 'invalid_form'],
    ['without a picture', formOf([model, prompt]), 'invalid_form'],
    ['with a picture under another name', formOf([model, prompt, { ...image, name: 'picture' }]), 'invalid_form'],
    ['with two masks', formOf([model, prompt, image, ...many(2, { ...image, name: 'mask' })]), 'invalid_form'],
    ['with a mask alone', formOf([model, prompt, { ...image, name: 'mask' }]), 'invalid_request'],
    ['with too many pictures', formOf([model, prompt, ...many(17, { ...image, name: 'image[]' })]), 'invalid_form'],
    ['with a text in place of a picture', formOf([model, prompt, { name: 'image', value: 'x' }]), 'invalid_form'],
    ['with an empty picture', formOf([model, prompt, { ...image, value: '' }]), 'invalid_form'],
    ['with a count that is none', formOf([model, prompt, image, { name: 'n', value: 'two' }]), 'invalid_request'],
    ['with a size that is none', formOf([model, prompt, image, { name: 'size', value: 'big' }]), 'invalid_request'],
    ['with no words', formOf([model, image]), 'invalid_request'],
  ])('are %s', async (_what, body, code) => {
    const answer = await send('edits', body)
    expect(answer).toMatchObject({ status: 400, error: { code } })
    expect(upstream.received).toEqual([])
    await expectUnbilled()
  })

  it('name another boundary than the one that cuts them', async () => {
    const wrong = await send('edits', whole, 'multipart/form-data; boundary=another')
    expect(wrong.error.code).toBe('invalid_form')
    await expectUnbilled()
  })

  it('are no forms where there must be one', async () => {
    const answer = await send('variations', Buffer.from('{"model":"first/painter"}'), 'application/json')
    expect(answer).toMatchObject({ status: 415, error: { code: 'unsupported_media_type' } })
    expect(answer.error.message).toContain('image=@picture.png')
  })

  it.each([
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'PDF'],
    ['an archive', Buffer.from('PK\x03\x04', 'latin1'), 'ZIP'],
    ['a page', Buffer.from('<!doctype html><html></html>'), 'text'],
    ['sound', Buffer.from('ID3\x04\x00', 'latin1'), 'MP3'],
    ['nothing that is known', Buffer.from([1, 2, 3, 4, 5]), 'none of a picture'],
  ])('pass %s off as a picture', async (_what, bytes, found) => {
    const answer = await edit([model, prompt, { ...image, value: bytes }])
    expect(answer).toMatchObject({ status: 415, error: { code: 'unsupported_media_type', param: 'image' } })
    expect(answer.error.message).toContain(found)
    expect(upstream.received).toEqual([])
    await expectUnbilled()
  })

  it('are larger than may be', async () => {
    const answer = await edit([model, prompt, { ...image, value: Buffer.concat([png, Buffer.alloc(uploadLimit)]) }])
    expect(answer).toMatchObject({ status: 413, error: { code: 'body_too_large' } })
    await expectUnbilled()
  })

  it('find the disk full: it is said so, and the gateway goes on', async () => {
    await using full = await startGateway(yaml(', upload_reserve: 1000000GiB'))
    const answer = await send('edits', formOf([model, prompt, { ...image, value: large }]), undefined, full)
    expect(answer).toMatchObject({ status: 503, error: { code: 'spool_full' } })
    expect(upstream.received).toEqual([])
    await expectUnbilled(full)
  })
})

describe('providers that fail', () => {
  it('leave the same pictures to the next one, in its own words', async () => {
    upstream.next(json({ error: { message: 'out of order' } }, 500))
    upstream.answer(json({ image: png.toString('base64'), finish_reason: 'SUCCESS' }))
    const parts = [{ ...model, value: 'spare' }, prompt, { ...image, value: large }]
    expect(await edit(parts)).toMatchObject({ status: 200 })
    const forms = await Promise.all(upstream.received.map((one) => formIn(one)))
    expect(forms.map(({ file }) => file?.bytes.equals(large))).toEqual([true, true])
    expect((await gateway.records()).at(-1)).toMatchObject({ deployment: 'second/ultra', cost: 80_000_000 })
    expect(left()).toEqual([])
  })

  it.each([
    ['a page', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['no picture', json({ created: 1, data: [] })],
    ['something else for a picture', json({ data: [{ b64_json: Buffer.from('%PDF-1.7').toString('base64') }] })],
    ['half a document', (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"da')],
  ] as [string, Answer][])('answer with %s', async (_what, answer) => {
    upstream.answer(answer)
    // Asked for a URL, so that the picture is looked at.
    const body = Buffer.from(JSON.stringify({ model: 'first/painter', prompt: 'x', response_format: 'url' }))
    expect((await send('generations', body, 'application/json')).error.code).toBe('provider_malformed')
    await expectUnbilled()
  })

  it('never end: the time that is given to them ends it, and what they make all the same is billed', async () => {
    const polling_url = `${upstream.url}/v1/get_result?id=j1`
    upstream.next(json({ id: 'j1', polling_url }))
    upstream.answer(json({ id: 'j1', status: 'Pending' }))
    expect(await generate('bfl/flux-pro-1.1')).toMatchObject({ status: 504, error: { code: 'provider_timeout' } })
    expect(upstream.received.length).toBeGreaterThan(1)
    expect((await gateway.records()).at(-1)).toMatchObject({
      fault: 'provider_timeout',
      usage: { units: { images: 1 } },
    })
  })
})

it('clients that leave while a picture is made: the server is told to stop, and nothing is held any longer', async () => {
  const before = (await gateway.records()).length
  const asked = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  const stopped: string[] = []
  upstream.answer((response, request) => {
    if (request.path === '/upload/image')
      return json({ name: 'up.png', subfolder: '', type: 'temp' })(response, request)
    if (request.path === '/prompt') return json({ prompt_id: 'p1' })(response, request)
    if (request.path === '/history/p1') {
      asked.resolve()
      return json({})(response, request)
    }
    stopped.push(`${request.path} ${request.body.toString()}`)
    if (stopped.length === 2) told.resolve()
    return json({})(response, request)
  })
  const body = formOf([{ ...model, value: 'comfyui/a.safetensors' }, prompt, image])
  await using client = await rawClient(gateway.url)
  client.send(
    `POST /v1/images/edits HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${clientKey}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`,
  )
  client.send(body)
  await asked.promise
  await client[Symbol.asyncDispose]()
  await told.promise
  expect(stopped).toEqual(['/queue {"delete":["p1"]}', '/interrupt {"prompt_id":"p1"}'])
  while ((await gateway.records()).length === before) await soon()
  expect((await gateway.records()).at(-1)).toMatchObject({
    outcome: 'client-gone',
    usage: { units: { images: 1 }, estimated: true },
    cost: 0,
  })
  while (left().length > 0) await soon()
})

const soon = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
