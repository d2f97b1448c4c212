/**
 * Reads a form with one file: its fields into memory, within narrow bounds, and the file into the spool, whatever the order they come
 * in. What is no sound is refused by its first bytes, before the rest of it has been taken.
 */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'
import { mediaSignature, signatureLength } from '../bytes/media-signature.ts'
import { wavDuration } from '../bytes/wav-duration.ts'
import type { Spool, SpooledFile } from '../control/uploads/spool.ts'
import type { ReceivedForm } from '../kernel/upload.ts'
import { Fault, asFault } from '../model/fault.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { onBodyBrokenOff } from './read-body.ts'

export interface FormLimits {
  /** Bytes of the whole request. */
  readonly upload: number
  /** Bytes of all fields together. */
  readonly fields: number
}

/** The file is sent under this name, and there is only one. */
const fileField = 'file'
const mostFields = 200
const longestName = 200
const longestFileName = 255
/** Of the headers of one part. */
const headerSize = 8192
const headerPairs = 16
/** What is kept of the file's beginning: the chunks of a WAV file before its sound. */
const keptHead = 8192
/** Of sound whose container is not looked into: 32 kbit/s, as speech is compressed to. */
const bytesPerMs = 4

export async function readForm(request: IncomingMessage, limits: FormLimits, spool: Spool): Promise<ReceivedForm> {
  const announced = lengthWithin(request, limits.upload)
  const reading = new FormReading(request, limits, spool, announced)
  try {
    return await reading.done()
  } catch (error) {
    await reading.giveUp()
    throw asFault(error)
  }
}

function lengthWithin({ headers }: IncomingMessage, limit: number): number | undefined {
  const { 'content-type': type = '', 'content-encoding': encoding, 'content-length': length } = headers
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(type))
    throw new Fault(
      'unsupported_media_type',
      'The body must be a form with a file: send it with `content-type: multipart/form-data`, as `curl -F file=@speech.mp3` does.',
    )
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity')
    throw new Fault(
      'invalid_encoding',
      `The gateway does not read bodies with content-encoding ${JSON.stringify(encoding)}.`,
    )
  const announced = length === undefined ? undefined : Number(length)
  if (announced !== undefined && announced > limit) throw tooLarge(limit)
  return announced
}

class FormReading {
  readonly #request: IncomingMessage
  readonly #limits: FormLimits
  readonly #spool: Spool
  readonly #announced: number | undefined
  readonly #parser: BusboyInstance
  readonly #fields = new Map<string, string[]>()
  #fieldBytes = 0
  #size = 0
  #file: Promise<StoredFile> | undefined
  #stream: Readable | undefined
  #spooled: SpooledFile | undefined
  #over = false

  constructor(request: IncomingMessage, limits: FormLimits, spool: Spool, announced: number | undefined) {
    this.#request = request
    this.#limits = limits
    this.#spool = spool
    this.#announced = announced
    try {
      this.#parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: {
          fieldNameSize: longestName,
          fieldSize: limits.fields,
          fields: mostFields,
          files: 1,
          parts: mostFields + 1,
          headerPairs,
          headerSize,
        },
        isPartAFile: (_name, type, fileName) => fileName !== undefined || type === 'application/octet-stream',
      })
    } catch (error) {
      throw new Fault('invalid_form', 'The form cannot be read: its content type names no boundary.', { cause: error })
    }
  }

  done(): Promise<ReceivedForm> {
    return new Promise((resolve, reject) => {
      const request = this.#request
      const fail = (error: unknown): void => reject(asFault(error))
      onBodyBrokenOff(request, reject)
      request.on('data', (chunk: Buffer) => {
        this.#size += chunk.length
        if (this.#size > this.#limits.upload) fail(tooLarge(this.#limits.upload))
      })
      request.on('error', () => reject(gone()))
      request.on('close', () => {
        if (!request.complete) reject(gone())
      })
      const parser = this.#parser
      parser.on('field', (name: string | undefined, value, nameTruncated, valueTruncated) => {
        try {
          this.#take(name, value, nameTruncated || valueTruncated)
        } catch (error) {
          fail(error)
        }
      })
      parser.on('file', (name: string | undefined, stream, fileName: string | undefined, _encoding, type) => {
        // Whoever reads it hears of its errors, but nobody may be reading any more.
        stream.on('error', () => undefined)
        if (name !== fileField) {
          fail(
            invalidForm(
              `The form has a file under ${JSON.stringify((name ?? '').slice(0, longestName))}: send it as \`file\`.`,
              fileField,
            ),
          )
          return
        }
        this.#stream = stream
        this.#file = this.#store(stream, fileName ?? fileField, type)
        this.#file.catch(fail)
      })
      parser.on('filesLimit', () => fail(invalidForm('The form has more than one file: send one.')))
      parser.on('fieldsLimit', () => fail(invalidForm(`The form has more than ${mostFields} fields.`)))
      parser.on('partsLimit', () => fail(invalidForm(`The form has more than ${mostFields} parts.`)))
      parser.on('error', (cause: unknown) =>
        fail(
          new Fault(
            'invalid_form',
            'The form ends before its time, or is not cut by the boundary that its content type names.',
            { cause },
          ),
        ),
      )
      parser.on('finish', () => {
        this.#finish().then(resolve, fail)
      })
      request.pipe(parser)
    })
  }

  /** Nothing of it is wanted any more; resolves when nothing of it is left. */
  async giveUp(): Promise<void> {
    this.#over = true
    this.#request.unpipe(this.#parser)
    this.#request.removeAllListeners('data')
    // Read to nowhere, so that a client that writes before it reads gets its answer.
    this.#request.resume()
    this.#parser.on('error', () => undefined)
    this.#stream?.destroy()
    await this.#file?.catch(() => undefined)
    this.#spooled?.discard()
  }

  #take(name: string | undefined, value: string, truncated: boolean): void {
    if (name === undefined || name === '') throw invalidForm('The form has a part without a name.')
    if (name === fileField)
      throw invalidForm('`file` is a text: it must be a file, with a name (`curl -F file=@speech.mp3`).', fileField)
    this.#fieldBytes += name.length + Buffer.byteLength(value)
    if (truncated || name.length > longestName || this.#fieldBytes > this.#limits.fields)
      throw new Fault(
        'body_too_large',
        `The fields of the form are larger than ${this.#limits.fields} bytes, the most this gateway takes beside the file (server.body_limit).`,
      )
    const values = this.#fields.get(name)
    if (values === undefined) this.#fields.set(name, [value])
    else values.push(value)
  }

  async #store(stream: Readable, name: string, declared: string): Promise<StoredFile> {
    const file = await this.#spool.create(this.#announced)
    this.#spooled = file
    let head = Buffer.alloc(0)
    let judged = false
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (this.#over) throw gone()
      if (head.length < keptHead) head = Buffer.concat([head, chunk.subarray(0, keptHead - head.length)])
      if (!judged && head.length >= signatureLength) {
        judged = true
        requireSound(head, declared)
      }
      await file.write(chunk)
    }
    await file.finish()
    if (file.size === 0) throw invalidForm('`file` is empty.', fileField)
    if (!judged) requireSound(head, declared)
    return { file, name: name.slice(0, longestFileName), type: mediaSignature(head)?.type ?? typeOf(declared), head }
  }

  async #finish(): Promise<ReceivedForm> {
    const stored = await this.#file
    if (stored === undefined)
      throw invalidForm('The form has no `file`: send one under that name (`curl -F file=@speech.mp3`).', fileField)
    const { file, name, type, head } = stored
    const { size } = file
    const fields: JsonObject = Object.create(null) as JsonObject
    for (const [key, values] of this.#fields) fields[key] = valueOf(key, values)
    const audioMs = wavDuration(head, size) ?? Math.ceil(size / bytesPerMs)
    fields[fileField] = { name, type, size, audio_ms: audioMs }
    const upload = { length: size, name, type, open: () => file.read(), discard: () => file.discard() }
    return { fields: Buffer.from(JSON.stringify(fields)), upload }
  }
}

interface StoredFile {
  readonly file: SpooledFile
  readonly name: string
  readonly type: string
  readonly head: Buffer
}

/** What is sent once is a text, unless its name says that it is a list. */
function valueOf(key: string, values: readonly string[]): JsonValue {
  const [only] = values
  return values.length === 1 && only !== undefined && !key.endsWith('[]') ? only : [...values]
}

function requireSound(head: Buffer, declared: string): void {
  const signature = mediaSignature(head)
  if (signature?.audible !== false) return
  throw new Fault(
    'unsupported_media_type',
    `\`file\` is sent as ${typeOf(declared)}, but its bytes are ${signature.name} (${signature.type}): send a recording.`,
    { param: fileField },
  )
}

/** As it may stand in a header. */
const typeOf = (declared: string): string =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(declared) ? declared : 'application/octet-stream'

const invalidForm = (message: string, param?: string): Fault =>
  new Fault('invalid_form', message, param === undefined ? {} : { param })

const gone = (): Fault => new Fault('client_gone', 'The request broke off before its body was complete.')

const tooLarge = (limit: number): Fault =>
  new Fault(
    'body_too_large',
    `The upload is larger than ${limit} bytes, the most this gateway takes (server.upload_limit).`,
  )
