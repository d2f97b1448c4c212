/** The body of a plain request on its way in. Until it is asked for nothing is read of it beyond what came with the head. */
import type { ByteRope } from '../../bytes/byte-rope.ts'
import { RopeBuilder } from '../../bytes/rope-builder.ts'
import { Fault } from '../../model/fault.ts'
import { announcedBody, brokeOff, receivedBody } from '../read-body.ts'
import type { AnnouncedBody } from '../read-body.ts'
import type { PlainHead } from './plain-head.ts'

const empty = new Uint8Array(0)

interface Reader {
  readonly announced: AnnouncedBody
  resolve(body: Uint8Array | ByteRope): void
  reject(error: Error): void
}

export class PlainBody {
  readonly #head: PlainHead
  readonly #resume: () => void
  /** All of it, where it came before anybody asked. */
  #whole: Uint8Array | ByteRope | undefined
  #gathered: RopeBuilder | undefined
  #left: number
  #reader: Reader | undefined
  #isDiscarded = false

  /** `first` is what came of it with the head; `resume` has the rest come. */
  constructor(head: PlainHead, first: Uint8Array, resume: () => void) {
    this.#head = head
    this.#resume = resume
    this.#left = head.length - first.length
    if (this.#left === 0) this.#whole = first
    else if (first.length > 0) this.#gather(first)
  }

  get isComplete(): boolean {
    return this.#left === 0
  }

  /** Somebody waits for the rest, or nobody ever will. */
  get isRead(): boolean {
    return this.#reader !== undefined || this.#isDiscarded
  }

  /** Throws where a body like this one is not to be read. */
  read(limit: number): Uint8Array | ByteRope | Promise<Uint8Array | ByteRope> {
    const announced = announcedBody(this.#head.headers, limit)
    if (announced === undefined) return empty
    if (this.#whole !== undefined) {
      const body = receivedBody(this.#whole, announced)
      if (body instanceof Fault) throw body
      return body
    }
    return new Promise((resolve, reject) => {
      this.#reader = { announced, resolve, reject }
      this.#resume()
    })
  }

  /** Takes no more bytes than are its own, and says how many. */
  push(bytes: Uint8Array): number {
    const own = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left)
    this.#left -= own.length
    if (!this.#isDiscarded) this.#gather(own)
    if (this.#left === 0) this.#complete()
    return own.length
  }

  /** Ends the reading with this fault; false when nobody reads. */
  breakOff(fault: Fault): boolean {
    const reader = this.#reader
    this.discard()
    reader?.reject(fault)
    return reader !== undefined
  }

  /** Its connection is gone. */
  broken(): void {
    if (!this.isComplete) this.breakOff(brokeOff())
  }

  /** What is still to come is of no use to anybody, but stands before the next request. */
  discard(): void {
    this.#isDiscarded = true
    this.#reader = undefined
    this.#gathered = undefined
  }

  #gather(bytes: Uint8Array): void {
    this.#gathered ??= new RopeBuilder()
    this.#gathered.add(bytes)
  }

  #complete(): void {
    const reader = this.#reader
    const rope = this.#gathered?.build()
    this.#reader = undefined
    this.#gathered = undefined
    if (reader === undefined || rope === undefined) {
      this.#whole = rope
      return
    }
    const body = receivedBody(rope, reader.announced)
    if (body instanceof Fault) reader.reject(body)
    else reader.resolve(body)
  }
}
