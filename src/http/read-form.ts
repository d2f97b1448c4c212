/**
 * Reads a form with files: its fields into memory, within narrow bounds, and the files into the spool one after the other, whatever the
 * order they come in.
 */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'
import type { Spool, SpooledFile } from '../control/uploads/spool.ts'
import type { FormFiles, ReceivedForm } from '../kernel/upload.ts'
import { Fault, asFault } from '../model/fault.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { storeFile } from './form-file.ts'
import type { StoredFile } from './form-file.ts'
import { onBodyBrokenOff } from './read-body.ts'

export interface FormLimits {
  /** Bytes of the whole request. */
  readonly upload: number
  /** Bytes of all fields together. */
  readonly fields: number
}

const mostFields = 200
const longestName = 200
/** Of the headers of one part. */
const headerSize = 8192
const headerPairs = 16

export async function readForm(
  request: IncomingMessage,
  limits: FormLimits,
  spool: Spool,
  files: FormFiles,
): Promise<ReceivedForm> {
  const announced = lengthWithin(request, limits.upload, files)
  const reading = new FormReading(request, limits, spool, files, announced)
  try {
    return await reading.done()
  } catch (error) {
    await reading.giveUp()
    throw asFault(error)
  }
}

export const isForm = ({ headers }: IncomingMessage): boolean =>
  /^\s*multipart\/form-data\s*(?:;|$)/i.test(headers['content-type'] ?? '')

function lengthWithin(request: IncomingMessage, limit: number, { example }: FormFiles): number | undefined {
  const { 'content-encoding': encoding, 'content-length': length } = request.headers
  if (!isForm(request))
    throw new Fault(
      'unsupported_media_type',
      `The body must be a form with a file: send it with \`content-type: multipart/form-data\`, as \`${example}\` does.`,
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
  readonly #files: FormFiles
  readonly #fields = new Map<string, string[]>()
  #fieldBytes = 0
  #size = 0
  readonly #stored: Promise<StoredFile>[] = []
  readonly #spooled: SpooledFile[] = []
  readonly #counts = new Map<string, number>()
  readonly #streams: Readable[] = []
  #over = false

  constructor(
    request: IncomingMessage,
    limits: FormLimits,
    spool: Spool,
    files: FormFiles,
    announced: number | undefined,
  ) {
    this.#request = request
    this.#limits = limits
    this.#spool = spool
    this.#files = files
    this.#announced = announced
    const mostFiles = Object.values(files.fields).reduce((sum, most) => sum + most, 0)
    try {
      this.#parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: {
          fieldNameSize: longestName,
          fieldSize: limits.fields,
          fields: mostFields,
          // One more, so that the one that is too many is told by its name.
          files: mostFiles + 1,
          parts: mostFields + mostFiles + 1,
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
        try {
          this.#admit(name)
        } catch (error) {
          fail(error)
          return
        }
        this.#streams.push(stream)
        const stored = storeFile(
          {
            field: name ?? '',
            name: fileName === undefined || fileName === '' ? (name ?? 'file') : fileName,
            type,
            stream,
          },
          {
            spool: this.#spool,
            media: this.#files.media,
            announced: this.#announced,
            over: () => this.#over,
            onSpooled: (file) => this.#spooled.push(file),
          },
        )
        this.#stored.push(stored)
        stored.catch(fail)
      })
      parser.on('filesLimit', () => fail(invalidForm('The form has more files than it may have.')))
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
    for (const stream of this.#streams) stream.destroy()
    await Promise.allSettled(this.#stored)
    for (const file of this.#spooled) file.discard()
  }

  #take(name: string | undefined, value: string, truncated: boolean): void {
    if (name === undefined || name === '') throw invalidForm('The form has a part without a name.')
    if (Object.hasOwn(this.#files.fields, name))
      throw invalidForm(`\`${name}\` is a text: it must be a file, with a name (\`${this.#files.example}\`).`, name)
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

  /** Whether the form may have a file, or one more, under the name. */
  #admit(name: string | undefined): void {
    const { fields } = this.#files
    const shown = (name ?? '').slice(0, longestName)
    const most = Object.hasOwn(fields, shown) ? (fields[shown] ?? 0) : 0
    const [usual = 'file'] = Object.keys(fields)
    if (most === 0)
      throw invalidForm(`The form has a file under ${JSON.stringify(shown)}: send it as \`${usual}\`.`, usual)
    const count = (this.#counts.get(shown) ?? 0) + 1
    this.#counts.set(shown, count)
    if (count <= most) return
    throw most === 1
      ? invalidForm(`The form has more than one file as \`${shown}\`: send one.`, shown)
      : invalidForm(`The form has more than ${most} files as \`${shown}\`.`, shown)
  }

  async #finish(): Promise<ReceivedForm> {
    const stored = await Promise.all(this.#stored)
    if (stored.length === 0 && this.#files.optional !== true) {
      const [usual = 'file'] = Object.keys(this.#files.fields)
      throw invalidForm(`The form has no \`${usual}\`: send one under that name (\`${this.#files.example}\`).`, usual)
    }
    const fields: JsonObject = Object.create(null) as JsonObject
    for (const [key, values] of this.#fields) fields[key] = valueOf(key, values)
    for (const field of Object.keys(this.#files.fields)) {
      const members = stored.flatMap((file, upload) => (file.field === field ? [{ upload, ...file.member }] : []))
      if (members.length > 0) fields[field] = valueOf(field, members)
    }
    return { fields: Buffer.from(JSON.stringify(fields)), uploads: stored.map(({ upload }) => upload) }
  }
}

/** What is sent once stands alone, unless its name says that it is a list. */
function valueOf(key: string, values: readonly JsonValue[]): JsonValue {
  const [only] = values
  return values.length === 1 && only !== undefined && !key.endsWith('[]') ? only : [...values]
}

const invalidForm = (message: string, param?: string): Fault =>
  new Fault('invalid_form', message, param === undefined ? {} : { param })

const gone = (): Fault => new Fault('client_gone', 'The request broke off before its body was complete.')

const tooLarge = (limit: number): Fault =>
  new Fault(
    'body_too_large',
    `The upload is larger than ${limit} bytes, the most this gateway takes (server.upload_limit).`,
  )
