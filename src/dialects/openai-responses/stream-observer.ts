/** Watches a stream that passes through, and the numbers of its events: what the gateway adds at its end has to count on from them. */
import { asBuffer } from '../../bytes/as-buffer.ts'
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import type { Fault } from '../../model/fault.ts'
import { ResponseStreamDecoder } from './stream-decoder.ts'
import { faultText } from './stream-events.ts'

const mark = '"sequence_number":'
/** A number and the mark before it, cut anywhere between two chunks, are within so many bytes. */
const longest = mark.length + 20

export class ResponseStreamObserver extends DecodingObserver {
  #next = 0
  #tail = ''

  constructor() {
    super(new ResponseStreamDecoder(), 'sse')
  }

  override push(chunk: Uint8Array): Uint8Array {
    const text = this.#tail + asBuffer(chunk).toString('latin1')
    // Quotes inside strings are escaped, so no text can fake the member.
    for (let at = text.lastIndexOf(mark); at !== -1; at = text.lastIndexOf(mark, at - 1)) {
      const number = /^\s*(\d{1,15})\D/.exec(text.slice(at + mark.length, at + longest))?.[1]
      if (number !== undefined) {
        this.#next = Number(number) + 1
        break
      }
      if (at === 0) break
    }
    this.#tail = text.slice(-longest)
    return super.push(chunk)
  }

  fault(fault: Fault): string {
    return faultText(fault, this.#next)
  }
}
