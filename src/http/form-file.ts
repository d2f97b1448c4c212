/**
 * A file of a form on its way into the spool: judged by its first bytes while it comes, whatever it is sent as, so that what no service
 * could take is refused before the rest of it has been taken.
 */
import type { Readable } from 'node:stream'
import { mediaSignature, signatureLength } from '../bytes/media-signature.ts'
import { wavDuration } from '../bytes/wav-duration.ts'
import type { Spool, SpooledFile } from '../control/uploads/spool.ts'
import type { FileMember, FormFiles, Upload } from '../kernel/upload.ts'
import { Fault, asFault } from '../model/fault.ts'

const longestFileName = 255
/** What is kept of a file's beginning: the chunks of a WAV file before its sound. */
const keptHead = 8192
/** Of sound whose container is not looked into: 32 kbit/s, as speech is compressed to. */
const bytesPerMs = 4

/** How a file was sent. */
export interface SentFile {
  readonly field: string
  readonly name: string
  /** As its part of the form says. */
  readonly type: string
  readonly stream: Readable
}

export interface StoredFile {
  readonly field: string
  readonly upload: Upload
  /** What stands among the fields, but for the file's number. */
  readonly member: Omit<FileMember, 'upload'> & { readonly audio_ms?: number }
}

export interface FormFileContext {
  readonly spool: Spool
  readonly media: FormFiles['media']
  /** Bytes that are to come, where they are known. */
  readonly announced: number | undefined
  /** Nobody wants it any more. */
  over(): boolean
  /** Called before anything is written: whoever gives up has to discard it. */
  onSpooled(file: SpooledFile): void
}

export async function storeFile(sent: SentFile, context: FormFileContext): Promise<StoredFile> {
  const { spool, media, announced } = context
  const { field } = sent
  const file = await spool.create(announced)
  context.onSpooled(file)
  if (context.over()) throw gone()
  let head = Buffer.alloc(0)
  let judged = false
  await eachChunk(sent.stream, (chunk) => {
    if (context.over()) throw gone()
    if (head.length < keptHead) head = Buffer.concat([head, chunk.subarray(0, keptHead - head.length)])
    if (!judged && head.length >= signatureLength) {
      judged = true
      judge[media](head, sent)
    }
    return file.write(chunk)
  })
  await file.finish()
  const { size } = file
  if (size === 0) throw new Fault('invalid_form', `\`${field}\` is empty.`, { param: field })
  if (!judged) judge[media](head, sent)
  const name = sent.name.slice(0, longestFileName)
  const type = mediaSignature(head)?.type ?? typeOf(sent.type)
  return {
    field,
    upload: {
      length: size,
      name,
      type,
      open: () => file.read(),
      ...(file.pieces !== undefined && { pieces: file.pieces }),
      discard: () => file.discard(),
    },
    member: {
      name,
      type,
      size,
      ...(media === 'sound' && { audio_ms: wavDuration(head, size) ?? Math.ceil(size / bytesPerMs) }),
    },
  }
}

const gone = (): Fault => new Fault('client_gone', 'The request broke off before its body was complete.')

/**
 * Takes a stream chunk by chunk, and holds it back while one is being taken. Iterating over it would do the same, but puts together what
 * has come meanwhile, which copies most of a file, and makes several promises for each chunk.
 */
function eachChunk(stream: Readable, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // A stream that was given up before says nothing any more.
    if (stream.destroyed) {
      reject(gone())
      return
    }
    let failed = false
    let taken: Promise<void> | undefined
    const fail = (error: unknown): void => {
      failed = true
      reject(asFault(error))
      stream.destroy()
    }
    stream.on('data', (chunk: Buffer) => {
      if (failed) return
      try {
        taken = take(chunk)
        if (taken === undefined) return
        stream.pause()
        taken.then(() => stream.resume(), fail)
      } catch (error) {
        fail(error)
      }
    })
    // The end may be told while the last chunk is still being taken.
    let ended = false
    stream.on('end', () => {
      ended = true
      if (taken === undefined) resolve()
      else taken.then(resolve, fail)
    })
    stream.on('error', fail)
    stream.on('close', () => {
      if (!ended) reject(gone())
    })
  })
}

const judge: Readonly<Record<FormFiles['media'], (head: Buffer, sent: SentFile) => void>> = {
  any: () => undefined,
  /** Sound without a container has no signature. */
  sound(head, { field, type }) {
    const signature = mediaSignature(head)
    if (signature === undefined || signature.audible) return
    throw disguised(field, type, `${signature.name} (${signature.type})`, 'a recording')
  },
  images(head, { field, type }) {
    const signature = mediaSignature(head)
    if (signature?.type.startsWith('image/') === true) return
    const found = signature === undefined ? 'none of a picture' : `${signature.name} (${signature.type})`
    throw disguised(field, type, found, 'a picture (PNG, JPEG, WebP, GIF, AVIF, HEIC, BMP or TIFF)')
  },
}

const disguised = (field: string, declared: string, found: string, wanted: string): Fault =>
  new Fault(
    'unsupported_media_type',
    `\`${field}\` is sent as ${typeOf(declared)}, but its bytes are ${found}: send ${wanted}.`,
    { param: field },
  )

/** As it may stand in a header. */
const typeOf = (declared: string): string =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(declared) ? declared : 'application/octet-stream'
