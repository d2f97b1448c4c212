/** What can go wrong with files that are kept: at the client, at the disk, at providers, at the bucket, and over time. Nothing may stay behind. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { s3ServerMissing, startS3Server } from '../../src/kernel/testing/s3-server.ts'
import { boundary, formOf } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway, GatewayOptions } from '../harness/gateway.ts'
import { rawClient } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())
beforeEach(() => {
  upstream.received.length = 0
  upstream.answer(json({ id: 'remote', object: 'file', deleted: true }))
})

const start = (more = '', options: GatewayOptions = {}): Promise<Gateway> =>
  startGateway(
    `
providers: { far: { use: openai-compatible, base_url: "${upstream.url}/v1", credentials: up-secret } }
${more}`,
    options,
  )
const clientOf = ({ url }: Gateway): OpenAI => new OpenAI({ apiKey: clientKey, baseURL: `${url}/v1`, maxRetries: 0 })
const upload = async (gateway: Gateway, provider?: string, text = 'content') =>
  clientOf(gateway).files.create(
    { file: await toFile(Buffer.from(text), 'a.txt'), purpose: 'user_data' },
    provider === undefined ? {} : { headers: { 'x-sluicegate-provider': provider } },
  )
const lying = ({ dir }: { readonly dir: string }): string[] =>
  ['incoming', 'content'].flatMap((folder) =>
    readdirSync(join(dir, 'data', 'files', folder)).map((name) => `${folder}/${name}`),
  )
/** Whose short timers fire at once. */
const hasty: Clock = { ...systemClock, after: (ms, fire) => systemClock.after(ms < 5000 ? 0 : ms, fire) }

function rows({ dir }: Gateway): number {
  using db = new DatabaseSync(join(dir, 'data', 'state.db'))
  return Number(db.prepare('SELECT count(*) AS n FROM files').get()?.['n'])
}

it('leaves nothing when the client goes in the middle', async () => {
  await using gateway = await start()
  const client = await rawClient(gateway.url)
  const form = formOf([
    { name: 'purpose', value: 'user_data' },
    { name: 'file', value: Buffer.alloc(100_000), file: 'a.bin', type: 'application/octet-stream' },
  ])
  client.send(
    `POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${clientKey}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${form.length}\r\n\r\n`,
  )
  client.send(form.subarray(0, 80_000))
  await expect.poll(() => lying(gateway)).toEqual([expect.stringMatching(/^incoming\/file-/)])
  await client[Symbol.asyncDispose]()
  await expect.poll(() => [lying(gateway), rows(gateway)]).toEqual([[], 0])
  expect((await gateway.records()).at(-1)).toMatchObject({ surface: 'POST /v1/files', outcome: 'client-gone' })
})

it('takes away at the next start what a crash left half-way, and what no file is left of', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-files-'))
  {
    await using gateway = await start('', { dir, keep: true })
    await upload(gateway)
    using db = new DatabaseSync(join(dir, 'data', 'state.db'))
    db.exec("UPDATE files SET state = 'coming'")
    writeFileSync(join(dir, 'data', 'files', 'incoming', 'file-half'), 'x')
    writeFileSync(join(dir, 'data', 'files', 'content', 'file-orphan'), 'x')
  }
  const clock = new FakeClock()
  await using gateway = await start('', { dir, clock })
  await clock.advance(1000)
  await expect.poll(() => [lying(gateway), rows(gateway)]).toEqual([[], 0])
})

it('says that there is no room, and leaves nothing', async () => {
  await using gateway = await start('server: { port: 0, upload_reserve: 900000GiB }')
  await expect(upload(gateway)).rejects.toMatchObject({ status: 503, code: 'spool_full' })
  expect([lying(gateway), rows(gateway)]).toEqual([[], 0])
})

it('is gone when its time is over, at once for its client and soon altogether', async () => {
  const clock = new FakeClock()
  await using gateway = await start('files: { expires_after: 2h }', { clock })
  const file = await upload(gateway)
  expect(file.expires_at).toBe(file.created_at + 7200)
  await clock.advance(7_199_000)
  expect(await clientOf(gateway).files.retrieve(file.id)).toEqual(file)
  await clock.advance(1000)
  await expect(clientOf(gateway).files.retrieve(file.id)).rejects.toMatchObject({ status: 404 })
  await clock.advance(60_000)
  await expect.poll(() => [lying(gateway), rows(gateway)]).toEqual([[], 0])
})

describe('a provider', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await start()
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it.each([
    ['refuses the file', json({ error: { message: 'Not that.', type: 'invalid_request_error' } }, 400), 400],
    ['refuses the credential', json({ error: { message: 'Bad key up-secret' } }, 401), 502],
    ['fails', json({ error: { message: 'Oops.' } }, 500), 502],
    ['tells no id', json({ object: 'file' }), 502],
  ])('that %s leaves nothing here', async (_what, answer, status) => {
    upstream.answer(answer)
    await expect(upload(gateway, 'far')).rejects.toMatchObject({
      status,
      message: expect.not.stringContaining('up-secret') as string,
    })
    expect([lying(gateway), rows(gateway)]).toEqual([[], 0])
  })

  it('that does not delete its copy is asked again until it does', async () => {
    const clock = new FakeClock()
    await using gateway = await start('', { clock })
    const file = await upload(gateway, 'far')
    upstream.answer(json({ error: { message: 'Not now.' } }, 500))
    expect(await clientOf(gateway).files.delete(file.id)).toMatchObject({ deleted: true })
    await expect(clientOf(gateway).files.retrieve(file.id)).rejects.toMatchObject({ status: 404 })
    expect(rows(gateway)).toBe(1)
    upstream.answer(json({ deleted: true }))
    for (let sweeps = 0; sweeps < 4; sweeps += 1) await clock.advance(60_000)
    await expect.poll(() => rows(gateway)).toBe(0)
    expect(upstream.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/files/remote' })
  })

  it('is sent a file once, however many wait for it', async () => {
    const job = { id: 'job', status: 'running' }
    upstream.answer((response, request) =>
      json(request.path === '/v1/files' ? { id: 'remote' } : job)(response, request),
    )
    const client = clientOf(gateway)
    const example = JSON.stringify({ messages: [{ role: 'user', content: 'a' }] })
    const { id } = await client.files.create({
      file: await toFile(Buffer.from(example), 'a.jsonl'),
      purpose: 'fine-tune',
    })
    const order = { model: 'far/m', training_file: id, validation_file: id }
    await Promise.all([client.fineTuning.jobs.create(order), client.fineTuning.jobs.create(order)])
    expect(upstream.received.filter(({ path }) => path === '/v1/files')).toHaveLength(1)
  })

  it('has written results, which are files of the job’s owner', async () => {
    upstream.answer((response, request) => {
      if (request.path === '/v1/files/result/content') return void response.writeHead(200).end('step,loss\n1,0.5\n')
      const over = { id: 'job', status: 'succeeded', fine_tuned_model: 'ft:m:x', result_files: ['result'] }
      return json(request.path === '/v1/files' ? { id: 'remote' } : over)(response, request)
    })
    const client = clientOf(gateway)
    const example = JSON.stringify({ messages: [{ role: 'user', content: 'a' }] })
    const { id } = await client.files.create({
      file: await toFile(Buffer.from(example), 'a.jsonl'),
      purpose: 'fine-tune',
    })
    const job = await client.fineTuning.jobs.create({ model: 'far/m', training_file: id })
    const [result = ''] = job.result_files
    expect(await client.files.retrieve(result)).toMatchObject({ purpose: 'fine-tune-results' })
    expect(await (await client.files.content(result)).text()).toBe('step,loss\n1,0.5\n')
  })
})

describe.skipIf(s3ServerMissing() !== undefined)('a bucket', () => {
  it('keeps files, and gives them back, over the gateway', async () => {
    using server = await startS3Server()
    await using gateway = await start(
      `files: { s3: { bucket: ${server.bucket}, endpoint: "${server.url}", prefix: "gate/", access_key_id: ${server.key}, secret_access_key: "${server.secret}" } }`,
    )
    const client = clientOf(gateway)
    const file = await upload(gateway, undefined, 'in a bucket'.repeat(1000))
    expect(await (await client.files.content(file.id)).text()).toBe('in a bucket'.repeat(1000))
    await client.files.delete(file.id)
    await expect(client.files.content(file.id)).rejects.toMatchObject({ status: 404 })
  })

  it('that is not there is the gateway’s fault, and nothing of the file stays', async () => {
    await using gateway = await start(
      'files: { s3: { bucket: none, endpoint: "http://127.0.0.1:1", access_key_id: a, secret_access_key: b } }',
      { clock: hasty },
    )
    await expect(upload(gateway)).rejects.toMatchObject({ status: 503, code: 'file_store_failed' })
  })
})
