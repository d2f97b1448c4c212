/**
 * Finds the JSON value in what a model wrote, as it is written: words before and after it and a Markdown fence around it are left
 * out. A bracket counts as the value's beginning only once what follows it can be nothing else.
 */

/** What a value may begin with. */
export type Opening = '{' | '[' | '{['

type State = 'thinking' | 'before' | 'opening' | 'inside' | 'done'

const thinkStart = '<think>'
const thinkEnd = '</think>'

export class ValueFinder {
  readonly #opening: Opening
  #state: State = 'before'
  /** Nothing but white space has been read. */
  #blank = true
  /** The beginning of something that is not clear yet: of the value, or of a mark around thinking. */
  #held = ''
  #candidate = new Candidate()
  #depth = 0
  #inString = false
  #escaped = false

  constructor(opening: Opening) {
    this.#opening = opening
  }

  get begun(): boolean {
    return this.#state === 'inside' || this.#state === 'done'
  }

  get done(): boolean {
    return this.#state === 'done'
  }

  /** What of the value came with this text. */
  push(text: string): string {
    let rest = text
    while (rest !== '') {
      if (this.#state === 'inside' || this.#state === 'done') return this.#inside(rest)
      rest = this.#state === 'thinking' ? this.#thinking(rest) : this.#before(rest)
    }
    return ''
  }

  /** Some models think aloud at the beginning of their answer, and may well think in JSON. */
  #thinking(text: string): string {
    const all = this.#held + text
    const end = all.indexOf(thinkEnd)
    if (end === -1) {
      this.#held = all.slice(-thinkEnd.length + 1)
      return ''
    }
    this.#held = ''
    this.#state = 'before'
    this.#blank = false
    return all.slice(end + thinkEnd.length)
  }

  /** Looks for the value's beginning; gives what is to be looked at again. */
  #before(text: string): string {
    let all = text
    if (this.#blank) {
      all = this.#held + text
      this.#held = ''
      const start = all.search(/\S/)
      if (start === -1) return ''
      const begun = all.slice(start)
      if (begun.startsWith(thinkStart)) {
        this.#state = 'thinking'
        return begun.slice(thinkStart.length)
      }
      if (thinkStart.startsWith(begun)) {
        this.#held = begun
        return ''
      }
      this.#blank = false
    }
    for (let at = 0; at < all.length; at += 1) {
      const character = all[at] ?? ''
      if (this.#state === 'before') {
        if (!this.#opening.includes(character)) continue
        this.#state = 'opening'
        this.#held = character
        this.#candidate = new Candidate()
        this.#candidate.push(character)
        continue
      }
      this.#held += character
      const verdict = this.#candidate.push(character)
      if (verdict === 'open') continue
      const held = this.#held
      this.#held = ''
      if (verdict === 'value') {
        this.#state = 'inside'
        return held + all.slice(at + 1)
      }
      // Not the value: it may begin later, even within what was held.
      this.#state = 'before'
      const back = held.length - 1
      if (back > at) return held.slice(1) + all.slice(at + 1)
      at -= back
    }
    return ''
  }

  #inside(text: string): string {
    if (this.#state === 'done') return ''
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at]
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inString = false
      } else if (character === '"') this.#inString = true
      else if (character === '{' || character === '[') this.#depth += 1
      else if (character === '}' || character === ']') {
        this.#depth -= 1
        if (this.#depth > 0) continue
        this.#state = 'done'
        return text.slice(0, at + 1)
      }
    }
    return text
  }
}

const literals = ['true', 'false', 'null']

/** Whether a bracket begins a JSON value, read character by character. */
class Candidate {
  #state: 'start' | 'object' | 'array' | 'key' | 'colon' | 'literal' | 'number' = 'start'
  #escaped = false
  #word = ''

  push(character: string): 'open' | 'value' | 'not' {
    const white = character === ' ' || character === '\n' || character === '\r' || character === '\t'
    switch (this.#state) {
      case 'start':
        this.#state = character === '{' ? 'object' : 'array'
        return 'open'
      case 'object':
        if (white) return 'open'
        if (character === '}') return 'value'
        if (character !== '"') return 'not'
        this.#state = 'key'
        return 'open'
      case 'key':
        if (character < ' ') return 'not'
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#state = 'colon'
        return 'open'
      case 'colon':
        return white ? 'open' : character === ':' ? 'value' : 'not'
      case 'array':
        if (white) return 'open'
        if (character === ']' || character === '"') return 'value'
        if (character === '{' || character === '[') {
          this.#state = 'start'
          return this.push(character)
        }
        this.#word = character
        if (/[-\d]/.test(character)) this.#state = 'number'
        else if (literals.some((literal) => literal.startsWith(character))) this.#state = 'literal'
        else return 'not'
        return 'open'
      case 'number':
        if (white || character === ',' || character === ']') return 'value'
        return /[-+.eE\d]/.test(character) ? 'open' : 'not'
      case 'literal':
        this.#word += character
        if (literals.includes(this.#word)) return 'value'
        return literals.some((literal) => literal.startsWith(this.#word)) ? 'open' : 'not'
    }
  }
}
