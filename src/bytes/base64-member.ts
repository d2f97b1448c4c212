/**
 * Takes the bytes out of a JSON object that has them as base64 in one member, as they come: an answer whose sound or picture is in its
 * JSON is never held whole.
 */
export class Base64Member {
  readonly #key: string
  readonly #bound: number
  /** What came before the member's value, then what is left of a group of four. */
  #held = ''
  #state: 'before' | 'within' | 'after' = 'before'

  /** `bound`: the most characters that may come before the value. */
  constructor(key: string, bound = 65_536) {
    this.#key = JSON.stringify(key)
    this.#bound = bound
  }

  /** The value has begun. */
  get begun(): boolean {
    return this.#state !== 'before'
  }

  /** The value has ended. */
  get complete(): boolean {
    return this.#state === 'after'
  }

  /** What came so far, as long as the value has not begun. */
  get before(): string {
    return this.#state === 'before' ? this.#held : ''
  }

  /** Throws a RangeError for what is no base64, or has no such member within the bound. */
  push(chunk: Uint8Array): Uint8Array {
    let text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')
    if (this.#state === 'before') {
      this.#held += text
      const start = this.#start()
      if (start === undefined) {
        if (this.#held.length > this.#bound) throw new RangeError(`there is no ${this.#key} at its beginning`)
        return new Uint8Array(0)
      }
      text = this.#held.slice(start)
      this.#held = ''
      this.#state = 'within'
    }
    return this.#state === 'within' ? this.#decode(text) : new Uint8Array(0)
  }

  #start(): number | undefined {
    const at = this.#held.indexOf(this.#key)
    if (at === -1) return undefined
    const value = /^\s*:\s*"/.exec(this.#held.slice(at + this.#key.length))
    return value === null ? undefined : at + this.#key.length + value[0].length
  }

  #decode(text: string): Uint8Array {
    const end = text.indexOf('"')
    const coded = this.#held + (end === -1 ? text : text.slice(0, end)).replaceAll('\\', '')
    if (end !== -1) this.#state = 'after'
    const whole = end === -1 ? coded.length - (coded.length % 4) : coded.length
    this.#held = coded.slice(whole)
    const group = coded.slice(0, whole)
    if (!/^[\w+/-]*={0,2}$/.test(group)) throw new RangeError(`its ${this.#key} is not base64`)
    return Buffer.from(group, 'base64')
  }
}
