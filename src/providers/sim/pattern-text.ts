/**
 * Text that matches a regular expression, made by walking the expression instead of testing against it: a hostile pattern costs
 * nothing here. What it does not know (lookaround, back references, Unicode classes) gives no text.
 */
import type { Random } from '../../kernel/clock.ts'
import { drawInteger } from './seeded.ts'

type Node =
  | { readonly type: 'sequence'; readonly items: readonly Node[] }
  | { readonly type: 'choice'; readonly options: readonly Node[] }
  | { readonly type: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }
  | { readonly type: 'set'; readonly characters: string }

class Unsupported extends Error {}

const range = (from: string, to: string): string => {
  let characters = ''
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) characters += String.fromCharCode(code)
  return characters
}
const digits = range('0', '9')
const word = range('a', 'z') + range('A', 'Z') + digits + '_'
const printable = range(' ', '~')
const except = (characters: string): string =>
  Array.from(printable, (one) => (characters.includes(one) ? '' : one)).join('')

const classes: Readonly<Record<string, string>> = {
  d: digits,
  w: word,
  s: ' ',
  D: except(digits),
  W: except(word),
  S: except(' '),
  t: '\t',
  n: '\n',
  r: '\r',
}

class PatternReader {
  readonly #source: string
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): Node {
    const node = this.#choice()
    if (this.#at < this.#source.length) throw new Unsupported()
    return node
  }

  #choice(): Node {
    if (++this.#depth > 50) throw new Unsupported()
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    this.#depth--
    return { type: 'choice', options }
  }

  #sequence(): Node {
    const items: Node[] = []
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      if (this.#take('^') || this.#take('$')) continue
      items.push(this.#quantified(this.#atom()))
    }
    return { type: 'sequence', items }
  }

  #quantified(node: Node): Node {
    let min: number
    let max: number
    if (this.#take('*')) [min, max] = [0, 3]
    else if (this.#take('+')) [min, max] = [1, 4]
    else if (this.#take('?')) [min, max] = [0, 1]
    else {
      const braces = /^\{(\d+)(,(\d*))?\}/.exec(this.#source.slice(this.#at, this.#at + 24))
      if (braces === null) return node
      this.#at += braces[0].length
      min = Number(braces[1])
      max = braces[2] === undefined ? min : braces[3] === '' ? min + 3 : Number(braces[3])
    }
    this.#take('?')
    return { type: 'repeat', node, min, max }
  }

  #atom(): Node {
    const character = this.#next()
    if (character === '(') return this.#group()
    if (character === '[') return { type: 'set', characters: this.#bracket() }
    if (character === '.') return { type: 'set', characters: word }
    if (character === '\\') return { type: 'set', characters: this.#escape() }
    if ('*+?{'.includes(character)) throw new Unsupported()
    return { type: 'set', characters: character }
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) {
      const name = /^<[A-Za-z_]\w*>/.exec(this.#source.slice(this.#at))
      if (name === null) throw new Unsupported()
      this.#at += name[0].length
    }
    const node = this.#choice()
    if (!this.#take(')')) throw new Unsupported()
    return node
  }

  #escape(): string {
    const character = this.#next()
    const known = classes[character]
    if (known !== undefined) return known
    if (/[A-Za-z0-9]/.test(character)) throw new Unsupported()
    return character
  }

  #bracket(): string {
    const negated = this.#take('^')
    let characters = ''
    while (!this.#take(']')) {
      const first = this.#next()
      const from = first === '\\' ? this.#escape() : first
      if (from.length === 1 && this.#peek() === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at++
        const last = this.#next()
        characters += range(from, last === '\\' ? this.#escape() : last)
      } else characters += from
    }
    const set = negated ? except(characters) : characters
    if (set === '') throw new Unsupported()
    return set
  }

  #peek(): string | undefined {
    return this.#source[this.#at]
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #next(): string {
    const character = this.#source[this.#at++]
    if (character === undefined) throw new Unsupported()
    return character
  }
}

/** Longest text that is made. */
const limit = 4096

function write(node: Node, draw: Random, eager: boolean, text: string): string {
  if (text.length > limit) throw new Unsupported()
  let written = text
  switch (node.type) {
    case 'set':
      return written + node.characters.charAt(Math.floor(draw() * node.characters.length))
    case 'sequence':
      for (const item of node.items) written = write(item, draw, eager, written)
      return written
    case 'choice': {
      const option = node.options[Math.floor(draw() * node.options.length)]
      return option === undefined ? written : write(option, draw, eager, written)
    }
    case 'repeat': {
      if (node.min > limit) throw new Unsupported()
      const times = eager ? node.max : drawInteger(draw, node.min, Math.min(node.max, node.min + 3))
      for (let time = 0; time < times && written.length <= limit; time++)
        written = write(node.node, draw, eager, written)
      return written
    }
  }
}

/** Text that matches `pattern` and has a length within the bounds, or `undefined` when none was found. */
export function drawMatching(pattern: string, draw: Random, minLength: number, maxLength: number): string | undefined {
  try {
    const node = new PatternReader(pattern).read()
    for (let attempt = 0; attempt < 40; attempt++) {
      const text = write(node, draw, attempt >= 20 && minLength > 0, '')
      if (text.length >= minLength && text.length <= maxLength) return text
    }
    return undefined
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}
