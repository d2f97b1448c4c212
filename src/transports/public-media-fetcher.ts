/**
 * Fetches media from public addresses: what a client names is not what the gateway trusts, so every connection, redirects included,
 * is checked after name resolution, and size and time are bounded.
 */
import { isIP } from 'node:net'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Agent, request as requestOf } from 'undici'
import type { FetchedMedia, MediaFetcher } from '../kernel/media-fetcher.ts'
import { Fault } from '../model/fault.ts'
import { mediaTypeOf } from './media-type.ts'
import { permittedLookup } from './permitted-lookup.ts'
import { publicAddresses } from './public-addresses.ts'
import { transportErrorOf } from './transport-failure.ts'

export interface MediaFetcherOptions {
  /** Bytes of one file. */
  readonly maxBytes: number
  /** Milliseconds for the whole of it, redirects included. */
  readonly timeout: number
  /** Networks that may be reached although they are not public. */
  readonly allow?: readonly string[]
}

const mostRedirects = 5

export interface PublicMediaFetcher extends MediaFetcher, AsyncDisposable {}

export function publicMediaFetcher({ maxBytes, timeout, allow }: MediaFetcherOptions): PublicMediaFetcher {
  const permit = publicAddresses(allow)
  let agent: Agent | undefined

  /** undici is loaded when something is to be fetched: it is much to keep in memory for gateways that never do. */
  async function requesting(): Promise<{ request: typeof requestOf; dispatcher: Agent }> {
    const undici = await import('undici')
    agent ??= new undici.Agent({
      connect: { lookup: permittedLookup(permit), timeout },
      connections: 8,
      keepAliveTimeout: 1000,
      maxResponseSize: maxBytes,
      allowH2: false,
    })
    return { request: undici.request, dispatcher: agent }
  }

  /** The next address of a redirect, or what is there. */
  async function step(url: URL, shown: string, signal: AbortSignal): Promise<URL | FetchedMedia> {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    if (family !== 0 && !permit(host, family)) throw notPublic(shown)
    const { request, dispatcher } = await requesting()
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      headers: { 'user-agent': 'sluicegate', accept: '*/*', 'accept-encoding': 'identity' },
    })
    const location = headers['location']
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump()
      if (!URL.canParse(location, url)) throw notFetched(shown, 'it redirects to something that is no URL')
      return new URL(location, url)
    }
    if (statusCode !== 200) {
      await body.dump()
      throw notFetched(shown, `the server answered with status ${statusCode}`)
    }
    const announced = Number(headers['content-length'] ?? 0)
    if (announced > maxBytes) {
      body.destroy()
      throw tooLarge(shown, maxBytes)
    }
    const bytes = await readWhole(unpacked(body, String(headers['content-encoding'] ?? ''), shown), shown)
    const told =
      String(headers['content-type'] ?? '')
        .split(';')[0]
        ?.trim()
        .toLowerCase() ?? ''
    const mediaType = mediaTypeOf(bytes) ?? (told === '' ? 'application/octet-stream' : told)
    return { mediaType, base64: bytes.toString('base64') }
  }

  /** The bound is on what the bytes amount to, not on what they were packed into. */
  async function readWhole(body: AsyncIterable<Uint8Array>, shown: string): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge(shown, maxBytes)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  return {
    async fetch(text, signal) {
      const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
      if (!URL.canParse(text)) throw notFetched(shown, 'it is no URL')
      const whole = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
      let url = new URL(text)
      try {
        for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
          if (url.protocol !== 'https:' && url.protocol !== 'http:')
            throw notFetched(shown, `it leads to ${url.protocol}, and only http and https are followed`)
          if (url.username !== '' || url.password !== '')
            throw notFetched(shown, 'it has a user name or password in it')
          const found = await step(url, shown, whole)
          if (!(found instanceof URL)) return found
          url = found
        }
        throw notFetched(shown, `it redirects more than ${mostRedirects} times`)
      } catch (error) {
        throw faultOf(error, shown, { signal, timeout, maxBytes })
      }
    },
    async [Symbol.asyncDispose]() {
      await agent?.destroy()
    },
  }
}

/** Some servers pack what was asked for as it is. */
function unpacked(body: Readable, encoding: string, shown: string): AsyncIterable<Uint8Array> {
  const word = encoding.trim().toLowerCase()
  if (word === '' || word === 'identity') return body as AsyncIterable<Uint8Array>
  const make = decoders[word]
  if (make === undefined) {
    body.destroy()
    throw notFetched(shown, 'it comes in an encoding that was not asked for')
  }
  const decoder = make()
  body.on('error', (error) => decoder.destroy(error))
  decoder.on('close', () => body.destroy())
  return body.pipe(decoder) as AsyncIterable<Uint8Array>
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

function faultOf(
  error: unknown,
  shown: string,
  { signal, timeout, maxBytes }: { signal: AbortSignal; timeout: number; maxBytes: number },
): Fault {
  if (error instanceof Fault) return error
  if (signal.aborted)
    return new Fault('client_gone', 'The client closed the connection before the answer was complete.')
  if (error instanceof Error && error.name === 'TimeoutError')
    return notFetched(shown, `it took longer than ${timeout / 1000} s (media.timeout)`)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(shown, maxBytes)
  const { failure, message } = transportErrorOf(error)
  return failure === 'refused-address' ? notPublic(shown) : notFetched(shown, message)
}

function notFetched(shown: string, why: string): Fault {
  return new Fault(
    'media_not_fetched',
    `The gateway could not fetch ${shown} for the model: ${why}. Send the content itself, as base64.`,
  )
}

const notPublic = (shown: string): Fault => notFetched(shown, 'its address is not a public one (media.allow)')

function tooLarge(shown: string, maxBytes: number): Fault {
  return notFetched(shown, `it is larger than ${maxBytes} bytes (media.max_bytes)`)
}
