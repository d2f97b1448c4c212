/** Files as OpenAI's own client keeps them with the gateway, or with a provider behind it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSim } from '../../src/providers/sim/server.ts'
import type { SimServer } from '../../src/providers/sim/server.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

const otherKey = 'other-client-key-0123456789'
const smallKey = 'small-client-key-0123456789'
let sim: SimServer
let gateway: Gateway

beforeAll(async () => {
  sim = await serveSim()
  gateway = await startGateway(`
providers:
  far: { use: openai-compatible, base_url: "${sim.url}/v1", credentials: up }
files: { max_file_size: 1MiB }
keys:
  - { name: test, secret: ${clientKey} }
  - { name: other, secret: ${otherKey} }
  - name: small
    secret: ${smallKey}
    files: { max_files: 2, max_bytes: 1000, purposes: [batch, fine-tune] }
    limits: { requests: 1000/min }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await sim[Symbol.asyncDispose]()
})

const clientOf = (apiKey = clientKey): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
const upload = (text: string | Buffer, more: Partial<OpenAI.FileCreateParams> = {}, client = clientOf()) =>
  Promise.resolve(toFile(Buffer.from(text), 'näme 1.txt')).then((file) =>
    client.files.create({ file, purpose: 'user_data', ...more }),
  )
const kept = (): string[] => readdirSync(join(gateway.dir, 'data', 'files', 'content'))
const incoming = (): string[] => readdirSync(join(gateway.dir, 'data', 'files', 'incoming'))

describe('a file with the gateway', () => {
  it('is given back as it was sent, told of, listed and deleted', async () => {
    const client = clientOf()
    const bytes = Buffer.from([...Array(100_000).keys()].map((value) => value % 256))
    const file = await upload(bytes)
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9a-f]{32}$/) as string,
      object: 'file',
      bytes: bytes.length,
      created_at: expect.any(Number) as number,
      filename: 'näme 1.txt',
      purpose: 'user_data',
      status: 'processed',
    })
    expect(await client.files.retrieve(file.id)).toEqual(file)
    const content = await client.files.content(file.id)
    expect(content.headers.get('content-length')).toBe('100000')
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)
    expect((await client.files.list()).data).toContainEqual(file)
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
    expect(kept()).not.toContain(file.id)
    for (const gone of [client.files.retrieve(file.id), client.files.content(file.id), client.files.delete(file.id)])
      await expect(gone).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
  })

  it('is nobody else’s', async () => {
    const file = await upload('mine')
    const other = clientOf(otherKey)
    expect((await other.files.list()).data).toEqual([])
    await expect(other.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 })
    await expect(other.files.content(file.id)).rejects.toMatchObject({ status: 404 })
    await expect(other.files.delete(file.id)).rejects.toMatchObject({ status: 404 })
    await expect(other.files.list({ after: file.id })).rejects.toMatchObject({ status: 404 })
    expect(await clientOf().files.delete(file.id)).toMatchObject({ deleted: true })
  })

  it('is paged through in both orders and by purpose', async () => {
    const client = clientOf(otherKey)
    const ids: string[] = []
    for (const purpose of ['batch', 'vision', 'batch', 'evals'] as const)
      ids.push((await upload('x', { purpose }, client)).id)
    const list = async (query: OpenAI.FileListParams): Promise<string[]> => {
      const found: string[] = []
      for await (const { id } of client.files.list(query)) found.push(id)
      return found
    }
    expect(await list({ limit: 3 })).toEqual(ids.toReversed())
    expect(await list({ limit: 1, order: 'asc' })).toEqual(ids)
    expect(await list({ purpose: 'batch' })).toEqual([ids[2], ids[0]])
    const page = await client.files.list({ limit: 2, order: 'asc' })
    expect(page).toMatchObject({ has_more: true })
    for (const id of ids) await client.files.delete(id)
  })

  it('ends when its client said', async () => {
    const file = await upload('x', { expires_after: { anchor: 'created_at', seconds: 3600 } })
    expect(file.expires_at).toBe(file.created_at + 3600)
    for (const seconds of [3599, 2_592_001])
      await expect(upload('x', { expires_after: { anchor: 'created_at', seconds } })).rejects.toMatchObject({
        status: 400,
        param: 'expires_after',
      })
  })

  it.each<[string, Partial<OpenAI.FileCreateParams>, string | Buffer, object]>([
    ['no purpose there is', { purpose: 'fun' as 'batch' }, 'x', { status: 400, param: 'purpose' }],
    ['nothing in it', {}, '', { status: 400, param: 'file' }],
    ['too much in it', {}, Buffer.alloc((1 << 20) + 1), { status: 413, code: 'file_too_large' }],
    ['far too much in it', {}, Buffer.alloc(4 << 20), { status: 413, code: 'file_too_large' }],
    [
      'a line to train with that is no JSON',
      { purpose: 'fine-tune' },
      '{"messages":[]}',
      { status: 400, param: 'file' },
    ],
  ])('is refused with %s, and leaves nothing', async (_what, more, content, error) => {
    const before = kept()
    await expect(upload(content, more)).rejects.toMatchObject(error)
    expect([kept(), incoming()]).toEqual([before, []])
  })

  it('is no file where the form has none', async () => {
    const form = new FormData()
    form.set('purpose', 'batch')
    const send = (body: FormData | string) =>
      fetch(`${gateway.url}/v1/files`, { method: 'POST', headers: { authorization: `Bearer ${clientKey}` }, body })
    expect((await send(form)).status).toBe(400)
    expect((await send('{}')).status).toBe(415)
    expect((await fetch(`${gateway.url}/v1/files`)).status).toBe(401)
  })

  it('takes its room of what its key may have, and gives it back', async () => {
    const client = clientOf(smallKey)
    await expect(upload('x', { purpose: 'vision' }, client)).rejects.toMatchObject({
      status: 403,
      code: 'purpose_not_allowed',
    })
    const lines = `${JSON.stringify({ custom_id: 'a' })}\n`
    const first = await upload(lines.repeat(20), { purpose: 'batch' }, client)
    await expect(upload(Buffer.alloc(900), { purpose: 'batch' }, client)).rejects.toMatchObject({
      status: 403,
      code: 'file_quota_exceeded',
    })
    await upload(lines, { purpose: 'batch' }, client)
    await expect(upload('x', { purpose: 'batch' }, client)).rejects.toMatchObject({ code: 'file_quota_exceeded' })
    await client.files.delete(first.id)
    await upload(lines, { purpose: 'batch' }, client)
  })

  it('is on record with everything that was asked about it, within the limits of its key', async () => {
    const client = clientOf(smallKey)
    const response = await client.files.list().asResponse()
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('1000')
    const records = (await gateway.records()).filter(({ keyName }) => keyName === 'small')
    expect(records.at(-1)).toMatchObject({ surface: 'GET /v1/files', operation: 'file', status: 200, outcome: 'ok' })
    expect(records.some(({ surface, fault }) => surface === 'POST /v1/files' && fault === 'purpose_not_allowed')).toBe(
      true,
    )
  })
})

describe('a file with a provider', () => {
  const far = new OpenAI({ apiKey: 'x', baseURL: '' })

  it('goes where the client says, comes back from there, and is deleted there', async () => {
    const there = far.withOptions({ baseURL: `${sim.url}/v1` })
    const client = clientOf()
    const file = await client.files.create(
      { file: await toFile(Buffer.from('far away'), 'a.txt'), purpose: 'user_data' },
      { headers: { 'x-sluicegate-provider': 'far' } },
    )
    expect(kept()).not.toContain(file.id)
    const [copy] = (await there.files.list()).data
    expect(copy).toMatchObject({ bytes: 8, purpose: 'user_data' })
    expect(copy?.id).not.toBe(file.id)
    expect(await (await client.files.content(file.id)).text()).toBe('far away')
    await client.files.delete(file.id)
    expect((await there.files.list()).data).toEqual([])
  })

  it('may be named in the form, and has to be one that keeps files', async () => {
    const form = new FormData()
    form.set('file', new Blob(['x']), 'a.txt')
    form.set('purpose', 'batch')
    form.set('provider', 'nobody')
    const response = await fetch(`${gateway.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}` },
      body: form,
    })
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'provider' } }])
    expect(incoming()).toEqual([])
  })
})
