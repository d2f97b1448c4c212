/**
 * Reads a literal of JavaScript as bundlers write it: keys without quotes, `!0` for true, `1e6`. Data in packages often has no other
 * form, and reading it is safer than running it.
 */

const number = /-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy
const name = /[A-Za-z_$][\w$]*/y
const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null, undefined: undefined }
const short: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0' }

/** The value that begins at `start`; throws a SyntaxError for anything that is not a literal. */
export function readLiteral(text: string, start = 0): unknown {
  return new LiteralReader(text, start).value()
}

class LiteralReader {
  readonly #text: string
  #at: number

  constructor(text: string, start: number) {
    this.#text = text
    this.#at = start
  }

  value(): unknown {
    const next = this.#peek()
    if (next === '{') return this.#object()
    if (next === '[') return this.#list()
    if (next === '"' || next === "'" || next === '`') return this.#string()
    if (this.#take('!')) return !(this.value() as boolean)
    const digits = this.#match(number)
    if (digits !== undefined) return Number(digits)
    const word = this.#match(name)
    if (word === 'void') {
      this.value()
      return undefined
    }
    if (word === undefined || !Object.hasOwn(words, word)) throw this.#wrong('a literal')
    return words[word]
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#expect('{')
    while (!this.#take('}')) {
      const quoted = this.#peek() === '"' || this.#peek() === "'"
      const key = quoted ? this.#string() : (this.#match(name) ?? this.#match(number))
      if (key === undefined) throw this.#wrong('a key')
      this.#expect(':')
      Object.defineProperty(object, key, { value: this.value(), enumerable: true, configurable: true, writable: true })
      if (!this.#take(',') && this.#peek() !== '}') throw this.#wrong('"," or "}"')
    }
    return object
  }

  #list(): unknown[] {
    const list: unknown[] = []
    this.#expect('[')
    while (!this.#take(']')) {
      list.push(this.value())
      if (!this.#take(',') && this.#peek() !== ']') throw this.#wrong('"," or "]"')
    }
    return list
  }

  #string(): string {
    const quote = this.#peek()
    let value = ''
    for (this.#at++; this.#text[this.#at] !== quote; this.#at++) {
      const next = this.#text[this.#at]
      if (next === undefined) throw this.#wrong('the end of a string')
      if (quote === '`' && next === '$' && this.#text[this.#at + 1] === '{') throw this.#wrong('no placeholder')
      value += next === '\\' ? this.#escape() : next
    }
    this.#at++
    return value
  }

  #escape(): string {
    const letter = this.#text[++this.#at] ?? ''
    if (letter !== 'u' && letter !== 'x') return short[letter] ?? letter
    const braces = /^u\{([\da-f]{1,6})\}/i.exec(this.#text.slice(this.#at, this.#at + 9))
    const code = braces?.[1] ?? this.#text.slice(this.#at + 1, this.#at + (letter === 'u' ? 5 : 3))
    if (!/^[\da-f]+$/i.test(code)) throw this.#wrong('a character code')
    this.#at += braces?.[0] === undefined ? code.length : braces[0].length - 1
    return String.fromCodePoint(Number.parseInt(code, 16))
  }

  #peek(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
    return this.#text[this.#at]
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#wrong(`"${character}"`)
  }

  #match(pattern: RegExp): string | undefined {
    this.#peek()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #wrong(wanted: string): SyntaxError {
    const near = this.#text.slice(this.#at, this.#at + 20)
    return new SyntaxError(`not a literal at ${this.#at}: ${wanted} was wanted before ${JSON.stringify(near)}`)
  }
}
