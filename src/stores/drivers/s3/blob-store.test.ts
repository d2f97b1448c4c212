/** Blobs in a bucket, against the conformance kit and a server that checks signatures, and what only a bucket can do wrong. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../kernel/clock.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { describeBlobStore } from '../../../kernel/testing/blob-store-kit.ts'
import { s3ServerMissing, startS3Server } from '../../../kernel/testing/s3-server.ts'
import type { S3Server } from '../../../kernel/testing/s3-server.ts'
import { networkTransport } from '../../../transports/network-transport.ts'
import type { BlobStore } from '../../blob-store.ts'
import { s3BlobStore } from './blob-store.ts'
import { partSize } from './blob-writer.ts'
import { S3Client } from './s3-client.ts'
import { placeOf } from './s3-settings.ts'
import type { S3Settings } from './s3-settings.ts'
import { elementsIn, escapedXml, textIn } from './xml.ts'

const missing = s3ServerMissing()
const transport = networkTransport({ connectTimeout: 5000 })
let server: S3Server | undefined
let prefixes = 0

beforeAll(async () => {
  if (missing === undefined) server = await startS3Server()
})
afterAll(async () => {
  server?.[Symbol.dispose]()
  await transport[Symbol.asyncDispose]()
})

function settingsOf(overrides: Partial<S3Settings> = {}): S3Settings {
  const { url = '', bucket = 'files', key = '', secret = '' } = server ?? {}
  return {
    bucket,
    endpoint: url,
    prefix: '',
    pathStyle: true,
    identity: { region: 'us-east-1', access_key_id: key, secret_access_key: secret },
    ...overrides,
  }
}

const contextOf = (problems: string[] = [], clock: Clock = systemClock) => ({
  clock,
  transport,
  onProblem: (message: string) => void problems.push(message),
})

describe.skipIf(missing !== undefined)(`a bucket${missing === undefined ? '' : ` (${missing})`}`, () => {
  describeBlobStore('s3', () => {
    prefixes += 1
    const settings = settingsOf({ prefix: `gate-${prefixes}/` })
    const client = new S3Client(settings, contextOf())
    return Promise.resolve({
      blobs: s3BlobStore(settings, contextOf()),
      async contents() {
        const query = `prefix=${encodeURIComponent(settings.prefix)}`
        const objects = (await client.text({ method: 'GET', query })) ?? ''
        const uploads = (await client.text({ method: 'GET', query: `${query}&uploads=` })) ?? ''
        const keys = [...elementsIn(objects, 'Contents'), ...elementsIn(uploads, 'Upload')]
        return keys.map((element) => textIn(element, 'Key') ?? '')
      },
      long: 2 * partSize + 1000,
      again: () => s3BlobStore(settings, contextOf()),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  })

  it.each([
    ['an unknown key', { access_key_id: 'other', secret_access_key: 'x' }],
    ['a wrong secret', { access_key_id: 'test-key', secret_access_key: 'wrong' }],
  ])('is denied with %s, which the log hears and the client does not', async (_what, identity) => {
    const problems: string[] = []
    const blobs = s3BlobStore(settingsOf({ identity: { region: 'us-east-1', ...identity } }), contextOf(problems))
    const writer = await blobs.create('file-a', undefined)
    await writer.write(Buffer.from('x'))
    await expect(writer.commit()).rejects.toMatchObject({
      code: 'file_store_failed',
      status: 503,
      message: expect.not.stringContaining('files"') as string,
    })
    expect(problems).toEqual([expect.stringMatching(/"files".*status 403/)])
  })

  it('may not be there', async () => {
    const blobs = s3BlobStore(settingsOf({ bucket: 'none' }), contextOf())
    const writer = await blobs.create('file-a', undefined)
    await expect(writer.commit()).rejects.toMatchObject({ code: 'file_store_failed' })
  })
})

/** Answers each call in turn; the last answer stands. */
async function played(...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const calls: string[] = []
  const played = createServer((request, response) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`)
    request.resume().on('end', () => answers[Math.min(calls.length, answers.length) - 1]?.(response, request))
  })
  await new Promise<void>((resolve) => {
    played.listen(0, '127.0.0.1', resolve)
  })
  const { port } = played.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    [Symbol.dispose]() {
      played.closeAllConnections()
      played.close()
    },
  }
}

/** Whose timers fire at once, but for the long ones. */
const hasty: Clock = { ...systemClock, after: (ms, fire) => systemClock.after(ms < 5000 ? 0 : ms, fire) }
const status =
  (code: number, body = '') =>
  (response: ServerResponse) =>
    void response.writeHead(code).end(body)

describe('a service that fails', () => {
  const identity = { region: 'eu-west-1', access_key_id: 'a', secret_access_key: 'b' }
  const storeAt = (endpoint: string, problems: string[] = []): BlobStore =>
    s3BlobStore(settingsOf({ endpoint, identity }), contextOf(problems, hasty))
  const put = async (blobs: BlobStore): Promise<void> => {
    const writer = await blobs.create('file-a', undefined)
    await writer.write(Buffer.from('x'))
    await writer.commit()
  }

  it('is asked again after what may pass', async () => {
    using service = await played(status(500), status(503, '<Error><Code>SlowDown</Code></Error>'), status(200))
    await put(storeAt(service.url))
    expect(service.calls).toEqual(['PUT /files/file-a', 'PUT /files/file-a', 'PUT /files/file-a'])
  })

  it('is given up after the third time, and not asked again after a refusal', async () => {
    const problems: string[] = []
    using broken = await played(status(500, '<Error><Code>InternalError</Code></Error>'))
    await expect(put(storeAt(broken.url, problems))).rejects.toMatchObject({ code: 'file_store_failed' })
    expect(broken.calls).toHaveLength(3)
    expect(problems.at(-1)).toMatch(/status 500, InternalError/)
    using refusing = await played(status(403))
    await expect(put(storeAt(refusing.url))).rejects.toMatchObject({ code: 'file_store_failed' })
    expect(refusing.calls).toHaveLength(1)
  })

  it('may not be there, or break off', async () => {
    using gone = await played((response) => void response.destroy())
    await expect(put(storeAt(gone.url))).rejects.toMatchObject({ code: 'file_store_failed' })
    gone[Symbol.dispose]()
    await expect(put(storeAt(gone.url))).rejects.toMatchObject({ code: 'file_store_failed' })
    using cut = await played((response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x')
      setImmediate(() => response.destroy())
    })
    const bytes = await storeAt(cut.url).read('file-a')
    await expect(async () => {
      for await (const _ of bytes ?? []);
    }).rejects.toThrow()
  })

  it('may take for ever: then its time runs out', async () => {
    using silent = await played(() => undefined)
    const clock: Clock = { ...systemClock, after: (_, fire) => systemClock.after(0, fire) }
    const problems: string[] = []
    const blobs = s3BlobStore(settingsOf({ endpoint: silent.url, identity }), contextOf(problems, clock))
    await expect(put(blobs)).rejects.toMatchObject({ code: 'file_store_failed' })
    expect(problems).toEqual([expect.stringContaining('nothing came for')])
  })

  it('may tell of an error with a status of success', async () => {
    using lying = await played((response, { method, url = '' }) => {
      if (method === 'POST' && url.endsWith('uploads=')) response.end('<UploadId>u&amp;1</UploadId>')
      else if (method === 'POST') response.end('<Error><Code>InternalError</Code></Error>')
      else response.writeHead(200, { etag: '"e"' }).end()
    })
    const blobs = storeAt(lying.url)
    const writer = await blobs.create('file-a', undefined)
    await writer.write(Buffer.alloc(partSize + 1))
    await expect(writer.commit()).rejects.toMatchObject({ code: 'file_store_failed' })
    await writer.abort()
    expect(lying.calls).toEqual([
      'POST /files/file-a?uploads=',
      'PUT /files/file-a?partNumber=1&uploadId=u%261',
      'PUT /files/file-a?partNumber=2&uploadId=u%261',
      'POST /files/file-a?uploadId=u%261',
      'DELETE /files/file-a?uploadId=u%261',
    ])
  })
})

it('is found at its host, or below a path', () => {
  const place = (overrides: Partial<S3Settings>) =>
    placeOf({ bucket: 'b', prefix: '', pathStyle: false, identity: { region: 'eu-west-1' }, ...overrides })
  expect(place({})).toEqual({ origin: 'https://b.s3.eu-west-1.amazonaws.com', path: '' })
  expect(place({ pathStyle: true })).toEqual({ origin: 'https://s3.eu-west-1.amazonaws.com', path: '/b' })
  expect(place({ pathStyle: true, endpoint: 'http://minio:9000/s3' })).toEqual({
    origin: 'http://minio:9000',
    path: '/s3/b',
  })
})

it('reads texts of XML by their names', () => {
  const xml = '<R xmlns="x"><Code>a&lt;b&amp;c</Code><U><Key>1</Key></U>\n<U><Key>2</Key></U></R>'
  expect(textIn(xml, 'Code')).toBe('a<b&c')
  expect(textIn(xml, 'None')).toBeUndefined()
  expect(elementsIn(xml, 'U').map((each) => textIn(each, 'Key'))).toEqual(['1', '2'])
  expect(escapedXml('"a"&<b>')).toBe('"a"&amp;&lt;b&gt;')
})
