/**
 * Writes one blob into a bucket with the memory of one part: what is shorter than that is put there in one piece, what is longer in parts,
 * each sent as soon as it is full. Nothing of it can be read before all parts are joined.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
import type { BlobWriter } from '../../blob-store.ts'
import type { S3Client, S3Request } from './s3-client.ts'
import { escapedXml, textIn } from './xml.ts'

/** Bytes; parts have at least 5 MiB, and an upload at most 10,000 of them. */
export const partSize = 8 << 20

export class S3BlobWriter implements BlobWriter {
  readonly #client: S3Client
  readonly #key: string
  #part: Buffer | undefined
  #filled = 0
  #size = 0
  #uploadId: string | undefined
  readonly #tags: string[] = []
  #over = false

  constructor(client: S3Client, key: string) {
    this.#client = client
    this.#key = key
  }

  get size(): number {
    return this.#size
  }

  async write(chunk: Uint8Array): Promise<void> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#filled === partSize) await this.#sendPart()
      const part = (this.#part ??= Buffer.allocUnsafeSlow(partSize))
      const taken = Math.min(rest.length, partSize - this.#filled)
      part.set(rest.subarray(0, taken), this.#filled)
      this.#filled += taken
      this.#size += taken
      rest = rest.subarray(taken)
    }
  }

  async commit(): Promise<void> {
    if (this.#uploadId === undefined) {
      await this.#expect({ method: 'PUT', key: this.#key, body: this.#pending() })
    } else {
      await this.#sendPart()
      await this.#join(this.#uploadId)
    }
    this.#end()
  }

  async abort(): Promise<void> {
    if (this.#over) return
    const uploadId = this.#uploadId
    this.#end()
    if (uploadId === undefined) return
    // What stays behind is found by whoever takes the file away.
    await this.#client
      .text({ method: 'DELETE', key: this.#key, query: `uploadId=${encodeURIComponent(uploadId)}` })
      .catch(() => undefined)
  }

  #end(): void {
    this.#over = true
    this.#part = undefined
    this.#filled = 0
  }

  #pending(): Uint8Array {
    return this.#part?.subarray(0, this.#filled) ?? new Uint8Array(0)
  }

  async #sendPart(): Promise<void> {
    this.#uploadId ??= await this.#begin()
    const query = `partNumber=${this.#tags.length + 1}&uploadId=${encodeURIComponent(this.#uploadId)}`
    const request: S3Request = { method: 'PUT', key: this.#key, query, body: this.#pending() }
    const { status, headers, bytes } = await this.#client.call(request)
    for await (const _ of bytes);
    const tag = headers['etag']
    if (status >= 300 || tag === undefined) this.#client.refuse(request, `status ${status}, no ETag`)
    this.#tags.push(tag)
    this.#filled = 0
  }

  async #begin(): Promise<string> {
    const request: S3Request = { method: 'POST', key: this.#key, query: 'uploads=' }
    const uploadId = textIn((await this.#client.text(request)) ?? '', 'UploadId')
    if (uploadId === undefined || uploadId === '') this.#client.refuse(request, 'it told no id of the upload')
    return uploadId
  }

  async #join(uploadId: string): Promise<void> {
    const parts = this.#tags.map(
      (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapedXml(tag)}</ETag></Part>`,
    )
    const request: S3Request = {
      method: 'POST',
      key: this.#key,
      query: `uploadId=${encodeURIComponent(uploadId)}`,
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from(
        `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
      ),
    }
    const text = await this.#client.text(request)
    // An error may come with a status of success, because that was sent long before the end of the work.
    if (text?.includes('<CompleteMultipartUploadResult') === true) return
    // Joined by an earlier call whose answer was lost.
    if (text === undefined && (await this.#isThere())) return
    this.#client.refuse(request, `the parts were not joined (${textIn(text ?? '', 'Code') ?? 'no such upload'})`)
  }

  async #isThere(): Promise<boolean> {
    const answer = await this.#client.call({ method: 'HEAD', key: this.#key })
    answer.close()
    const { status, headers } = answer
    return status < 300 && Number(headers['content-length']) === this.#size
  }

  async #expect(request: S3Request): Promise<void> {
    if ((await this.#client.text(request)) === undefined) this.#client.refuse(request, 'there is no such bucket')
  }
}
