// Finds the messages in the chunks of one of AWS's binary event streams, wherever the chunks are cut.

import { asBuffer } from './as-buffer.ts'
import { AwsEventError } from './aws-event-headers.ts'
import { awsEventLength, preludeBytes, readAwsEvent } from './aws-event-message.ts'
import type { AwsEventMessage } from './aws-event-message.ts'

const nothing = Buffer.alloc(0)
/** A buffer up to this length is kept for the next message that is cut. */
const keptBufferBytes = 64 * 1024

/**
 * Never holds more than one message, and no more of that than has come. A prelude is checked as soon as it is there, so what is no
 * event stream is found in its first bytes.
 */
export class AwsEventReader {
  #held: Buffer = nothing
  #heldLength = 0
  /** Of the message whose beginning is held; 0 while its prelude is not complete. */
  #length = 0
  #failure: AwsEventError | undefined

  /** All bytes so far make whole messages. If it is false when the stream ends, the stream broke off inside one. */
  get atBoundary(): boolean {
    return this.#heldLength === 0
  }

  /**
   * Takes the next bytes and returns the messages that they complete. Keeps no reference to `chunk`.
   *
   * @throws AwsEventError after all messages before the bad one were returned, and from then on always
   */
  push(chunk: Uint8Array): AwsEventMessage[] {
    if (this.#failure !== undefined) throw this.#failure
    const messages: AwsEventMessage[] = []
    try {
      this.#read(asBuffer(chunk), messages)
    } catch (error) {
      if (!(error instanceof AwsEventError)) throw error
      this.#failure = error
      this.#held = nothing
      if (messages.length === 0) throw error
    }
    return messages
  }

  #read(bytes: Buffer, messages: AwsEventMessage[]): void {
    let at = this.#complete(bytes, messages)
    while (bytes.length - at >= preludeBytes) {
      const length = awsEventLength(bytes.subarray(at, at + preludeBytes))
      if (bytes.length - at < length) {
        this.#length = length
        break
      }
      messages.push(readAwsEvent(bytes.subarray(at, at + length)))
      at += length
    }
    if (at < bytes.length) this.#hold(bytes, at, bytes.length)
  }

  /** Completes the message that is held, if there is one; returns where the rest of the bytes begins. */
  #complete(bytes: Buffer, messages: AwsEventMessage[]): number {
    if (this.#heldLength === 0) return 0
    let at = 0
    if (this.#length === 0) {
      at = Math.min(preludeBytes - this.#heldLength, bytes.length)
      this.#hold(bytes, 0, at)
      if (this.#heldLength < preludeBytes) return at
      this.#length = awsEventLength(this.#held.subarray(0, preludeBytes))
    }
    const end = Math.min(at + this.#length - this.#heldLength, bytes.length)
    this.#hold(bytes, at, end)
    if (this.#heldLength < this.#length) return end
    const message = this.#held.subarray(0, this.#length)
    this.#heldLength = 0
    this.#length = 0
    if (this.#held.length > keptBufferBytes) this.#held = nothing
    messages.push(readAwsEvent(message))
    return end
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = this.#heldLength + end - start
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2, 256))
      this.#held.copy(larger, 0, 0, this.#heldLength)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldLength, start, end)
    this.#heldLength = length
  }
}
