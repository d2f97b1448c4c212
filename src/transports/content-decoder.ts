/**
 * Undoes the content encoding of an answer as a stream: what has arrived comes out at once, so events are never held back by the
 * decompressor, and a paused reader stops it from inflating ahead.
 */
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import type { Transform } from 'node:stream'

export interface ContentDecoderHandler {
  onData(chunk: Uint8Array): void
  /** Whether more input is welcome. */
  onReady(ready: boolean): void
  /** Exactly one of these two, once, unless destroyed. */
  onEnd(): void
  onCorrupt(error: Error): void
}

type Create = (first: Uint8Array) => Transform

const deflateMethod = 8

/** `deflate` means zlib's wrapping, but enough servers send the bare stream that every browser looks at the first byte. */
const createDeflate: Create = (first) =>
  ((first[0] ?? 0) & 0x0f) === deflateMethod ? createInflate() : createInflateRaw()

const decoders: Readonly<Record<string, Create>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: createDeflate,
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress(),
}

/** The encoding to undo: `undefined` when there is none, `null` when it is none that can be undone. */
export function contentEncodingOf(header: string | undefined): string | undefined | null {
  if (header === undefined) return undefined
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  const [name, ...more] = names
  if (name === undefined) return undefined
  return more.length === 0 && Object.hasOwn(decoders, name) ? name : null
}

export class ContentDecoder {
  readonly #create: Create
  readonly #handler: ContentDecoderHandler
  /** Made at the first byte: an answer without a body (204, HEAD) is not a broken archive. */
  #stream: Transform | undefined
  #paused = false
  #over = false

  constructor(encoding: string, handler: ContentDecoderHandler) {
    const create = decoders[encoding]
    if (create === undefined) throw new TypeError(`no decoder for content encoding ${encoding}`)
    this.#create = create
    this.#handler = handler
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    const stream = (this.#stream ??= this.#open(chunk))
    if (!stream.write(chunk)) this.#handler.onReady(false)
  }

  end(): void {
    if (this.#over) return
    if (this.#stream !== undefined) this.#stream.end()
    else this.#finish(() => this.#handler.onEnd())
  }

  pause(): void {
    this.#paused = true
    this.#stream?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#stream?.resume()
  }

  destroy(): void {
    this.#over = true
    this.#stream?.destroy()
  }

  #open(first: Uint8Array): Transform {
    const stream = this.#create(first)
    stream.on('data', (chunk: Uint8Array) => {
      if (!this.#over) this.#handler.onData(chunk)
    })
    stream.on('drain', () => {
      if (!this.#over) this.#handler.onReady(true)
    })
    stream.on('end', () => this.#finish(() => this.#handler.onEnd()))
    stream.on('error', (error: Error) => this.#finish(() => this.#handler.onCorrupt(error)))
    if (this.#paused) stream.pause()
    return stream
  }

  #finish(tell: () => void): void {
    if (this.#over) return
    this.#over = true
    tell()
  }
}
