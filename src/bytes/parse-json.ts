/**
 * JSON.parse for text from outside. V8 has a defect (nodejs/node#63785): once it has parsed an object with a key that ends in a
 * backslash, it may read an escaped key of any later document as that one, so that one client could spoil another's request. Such
 * keys are next to never meant, so documents that have one take a slower way that V8's parser does not learn from.
 */

/** The end of a string that ends in an escaped backslash, before a colon: perhaps such a key. */
const hazard = /\\\\"\s*:/

export function parseJson(text: string): unknown {
  return hasHazardousKey(text) ? new SlowReader(text).document() : JSON.parse(text)
}

export function hasHazardousKey(text: string): boolean {
  // The first look costs next to nothing, and ends the matter for nearly every document.
  return text.includes('\\\\"') && hazard.test(text)
}

const whitespace = /[ \t\n\r]*/y
const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const otherToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const deepest = 1000

class SlowReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    const value = this.#value()
    if (this.#at !== this.#text.length) throw this.#unexpected()
    return value
  }

  #value(): unknown {
    this.#skip()
    const first = this.#text[this.#at]
    let value: unknown
    if (first === '{') value = this.#object()
    else if (first === '[') value = this.#array()
    else value = first === '"' ? this.#string() : (JSON.parse(this.#take(otherToken)) as unknown)
    this.#skip()
    return value
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#items('}', () => {
      this.#skip()
      const key = this.#string()
      this.#skip()
      this.#expect(':')
      Object.defineProperty(object, key, { value: this.#value(), enumerable: true, writable: true, configurable: true })
    })
    return object
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#items(']', () => array.push(this.#value()))
    return array
  }

  /** What stands between brackets, separated by commas. */
  #items(close: string, item: () => void): void {
    this.#depth += 1
    if (this.#depth > deepest) throw new SyntaxError(`JSON is nested deeper than ${deepest} levels`)
    this.#at += 1
    this.#skip()
    if (this.#text[this.#at] === close) this.#at += 1
    else {
      for (;;) {
        item()
        if (this.#text[this.#at] === close) break
        this.#expect(',')
      }
      this.#at += 1
    }
    this.#depth -= 1
  }

  /** A string alone is parsed as a value, never as a key. */
  #string(): string {
    return JSON.parse(this.#take(stringToken)) as string
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#at
    const found = token.exec(this.#text)?.[0]
    if (found === undefined || found === '') throw this.#unexpected()
    this.#at += found.length
    return found
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#unexpected()
    this.#at += 1
  }

  #skip(): void {
    whitespace.lastIndex = this.#at
    whitespace.test(this.#text)
    this.#at = whitespace.lastIndex
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(
      this.#at >= this.#text.length
        ? 'Unexpected end of JSON input'
        : `Unexpected token at position ${this.#at} of JSON`,
    )
  }
}
