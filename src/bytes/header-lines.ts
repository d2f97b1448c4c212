/**
 * Header lines of HTTP/1.1, read from their text. Strict: what two readers could understand differently is not well-formed. Whoever
 * speaks on a connection says nearly the same each time, so a line that stands where it stood before is known without being read.
 */
import { flatText } from './flat-text.ts'

/** Shared by all heads that say the same, so nobody may change it. */
export type HeaderLines = Readonly<Record<string, string>>

interface Line {
  /** With its line end. */
  readonly text: string
  /** In lower case. */
  readonly name: string
  readonly value: string
}

/**
 * A line that begins with a space would go on with the one before; nobody has to accept that any more, and it is refused. Blanks around
 * the value are taken off afterwards: a pattern for them would look at a long row of them again and again.
 */
const headerLine = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n/y
/** Lines of a head that are remembered. */
const mostLines = 64
const mostNames = 1000
const longestName = 64

/** For the heads of one connection. */
export class HeaderReader {
  readonly #repeated: 'joined' | 'refused'
  readonly #before: Line[] = []
  /** The lines of the last head, and what they say. */
  #lastText = ''
  #last: HeaderLines | undefined

  /** What names that come again are: joined with ", ", or not well-formed. */
  constructor(repeated: 'joined' | 'refused') {
    this.#repeated = repeated
  }

  /** The lines from `at` to the end of the text, the last with its line end; `undefined` where one is not well-formed. */
  read(text: string, at: number): HeaderLines | undefined {
    const lines = text.slice(at)
    if (this.#last !== undefined && lines === this.#lastText) return this.#last
    // Without what every object has, whose names a header may well have.
    const headers = Object.create(null) as Record<string, string>
    for (let start = 0, place = 0; start < lines.length; place += 1) {
      const line = this.#lineAt(lines, start, place)
      if (line === undefined) return undefined
      const { name, value } = line
      const before = headers[name]
      if (before !== undefined && this.#repeated === 'refused') return undefined
      headers[name] = before === undefined ? value : `${before}, ${value}`
      start += line.text.length
    }
    this.#lastText = lines
    this.#last = headers
    return headers
  }

  #lineAt(text: string, start: number, place: number): Line | undefined {
    const before = this.#before[place]
    // Cut out and compared whole: `startsWith` goes from character to character.
    if (before !== undefined && text.slice(start, start + before.text.length) === before.text) return before
    const line = readLine(text, start)
    if (line !== undefined && place < mostLines) this.#before[place] = line
    return line
  }
}

function readLine(text: string, start: number): Line | undefined {
  headerLine.lastIndex = start
  if (!headerLine.test(text)) return undefined
  const end = headerLine.lastIndex
  const colon = text.indexOf(':', start)
  return {
    text: text.slice(start, end),
    name: nameOf(text.slice(start, colon)),
    value: withoutBlanks(text, colon + 1, end - 2),
  }
}

const names = new Map<string, string>()

/** In lower case. A text that is known is a faster key than one that was just cut out. */
function nameOf(spelled: string): string {
  const known = names.get(spelled)
  if (known !== undefined) return known
  const name = flatText(spelled.toLowerCase())
  if (names.size < mostNames && spelled.length <= longestName) names.set(flatText(spelled), name)
  return name
}

function withoutBlanks(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
