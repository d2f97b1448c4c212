/** Media by URL, from a real server on loopback that is allowed by name: what is brought in, and what is refused in which words. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../model/fault.ts'
import { publicMediaFetcher } from './public-media-fetcher.ts'
import type { MediaFetcherOptions } from './public-media-fetcher.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
let server: Server
let origin: string
const answers = new Map<string, (response: ServerResponse, request: IncomingMessage) => void>()

beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    if (answer === undefined) response.writeHead(404).end('no')
    else answer(response, request)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const never = new AbortController().signal
async function fetched(path: string, options: Partial<MediaFetcherOptions> = {}, signal = never) {
  await using fetcher = publicMediaFetcher({ maxBytes: 1000, timeout: 5000, allow: ['127.0.0.0/8'], ...options })
  return await fetcher.fetch(path.startsWith('/') ? origin + path : path, signal)
}

async function refusal(path: string, options: Partial<MediaFetcherOptions> = {}): Promise<string> {
  const fault = await fetched(path, options).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(fault instanceof Fault)) throw new Error(`no fault but ${String(fault)}`)
  expect(fault).toMatchObject({ code: 'media_not_fetched', status: 400 })
  return fault.message
}

describe('media by URL', () => {
  it('is what its bytes say, whatever the server calls it', async () => {
    answers.set('/a', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(png))
    expect(await fetched('/a')).toEqual({ mediaType: 'image/png', base64: png.toString('base64') })
  })

  it('is what the server says where the bytes do not tell', async () => {
    answers.set('/t', (response) => response.writeHead(200, { 'content-type': 'Text/CSV; charset=utf-8' }).end('a,b'))
    expect(await fetched('/t')).toEqual({ mediaType: 'text/csv', base64: Buffer.from('a,b').toString('base64') })
  })

  it('is unpacked where it comes packed', async () => {
    answers.set('/z', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(png)))
    expect((await fetched('/z')).base64).toBe(png.toString('base64'))
  })

  it('is found behind redirects, relative ones too, but not behind endless ones', async () => {
    answers.set('/r1', (response) => response.writeHead(302, { location: '/r2' }).end())
    answers.set('/r2', (response) => response.writeHead(307, { location: `${origin}/r3` }).end())
    answers.set('/r3', (response) => response.writeHead(200).end(png))
    answers.set('/loop', (response) => response.writeHead(302, { location: '/loop' }).end())
    expect((await fetched('/r1')).mediaType).toBe('image/png')
    expect(await refusal('/loop')).toContain('redirects more than')
  })

  it('is never fetched from an address that is not public, by address, by name or by redirect', async () => {
    answers.set('/inside', (response) => response.writeHead(302, { location: 'http://[::1]:1/' }).end())
    expect(await refusal('/x', { allow: [] })).toContain('not a public one')
    expect(await refusal('http://localhost:1/', { allow: [] })).toContain('not a public one')
    expect(await refusal('http://169.254.169.254/latest/meta-data/')).toContain('not a public one')
    expect(await refusal('/inside')).toContain('not a public one')
  })

  it('is refused beyond the limit, announced or not, packed or not', async () => {
    const large = Buffer.alloc(2000)
    answers.set('/announced', (response) => response.writeHead(200, { 'content-length': '2000' }).end(large))
    answers.set('/unannounced', (response) => {
      response.writeHead(200)
      response.write(large.subarray(0, 900))
      response.end(large.subarray(900))
    })
    answers.set('/packed', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(large)))
    for (const path of ['/announced', '/unannounced', '/packed'])
      expect(await refusal(path)).toContain('larger than 1000 bytes')
  })

  it('is refused in words when it is not there, not HTTP, late or has a secret in its URL', async () => {
    answers.set('/late', () => undefined)
    expect(await refusal('/gone')).toContain('status 404')
    expect(await refusal('file:///etc/passwd')).toContain('only http and https')
    expect(await refusal('not a url')).toContain('no URL')
    expect(await refusal('http://user:secret@127.0.0.1/')).toContain('user name or password')
    expect(await refusal('/late', { timeout: 30 })).toContain('media.timeout')
    expect(await refusal('http://127.0.0.1:1/')).toContain('no connection')
  })

  it('is given up when the client goes', async () => {
    const leaving = new AbortController()
    answers.set('/waits', () => leaving.abort())
    await expect(fetched('/waits', {}, leaving.signal)).rejects.toMatchObject({ code: 'client_gone' })
  })
})
