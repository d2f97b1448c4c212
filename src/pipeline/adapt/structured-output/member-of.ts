/**
 * Takes one member's value out of a JSON object as it is written: schemas whose values are no objects travel as the only member of
 * one, and the client gets the value alone.
 */

type State = 'start' | 'key' | 'in-key' | 'colon' | 'value' | 'string' | 'nested' | 'scalar' | 'after' | 'done'

const isWhite = (character: string): boolean => /\s/.test(character)

export class MemberOf {
  readonly #name: string
  #state: State = 'start'
  #key = ''
  #escaped = false
  #depth = 0
  #inString = false
  /** The member being read is the one that is wanted. */
  #wanted = false
  #found = false

  constructor(name: string) {
    this.#name = name
  }

  /** What of the value came with this text. */
  push(text: string): string {
    let value = ''
    for (const character of text) if (this.#take(character)) value += character
    return value
  }

  /** Whether the character belongs to the value. */
  #take(character: string): boolean {
    switch (this.#state) {
      case 'start':
        if (character === '{') this.#state = 'key'
        return false
      case 'key':
        if (character === '"') {
          this.#state = 'in-key'
          this.#key = ''
        } else if (character === '}') this.#state = 'done'
        return false
      case 'in-key':
        if (character === '"') {
          this.#state = 'colon'
          // The first of the name holds.
          this.#wanted = this.#key === this.#name && !this.#found
        } else if (this.#key.length <= this.#name.length) this.#key += character
        return false
      case 'colon':
        if (character === ':') this.#state = 'value'
        return false
      case 'value':
        if (isWhite(character)) return false
        this.#found ||= this.#wanted
        this.#state = character === '"' ? 'string' : character === '{' || character === '[' ? 'nested' : 'scalar'
        this.#depth = 1
        return this.#wanted
      case 'string':
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#state = 'after'
        return this.#wanted
      case 'nested':
        this.#nest(character)
        return this.#wanted
      case 'scalar':
        if (character !== ',' && character !== '}' && !isWhite(character)) return this.#wanted
        this.#state = 'after'
        return this.#take(character)
      case 'after':
        if (character === ',') this.#state = 'key'
        else if (character === '}') this.#state = 'done'
        return false
      case 'done':
        return false
    }
  }

  #nest(character: string): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (character === '\\') this.#escaped = true
      else if (character === '"') this.#inString = false
    } else if (character === '"') this.#inString = true
    else if (character === '{' || character === '[') this.#depth += 1
    else if (character === '}' || character === ']') {
      this.#depth -= 1
      if (this.#depth === 0) this.#state = 'after'
    }
  }
}
