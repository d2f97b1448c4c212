/**
 * Header lines of HTTP/1.1, read from their text. Strict: what two readers could understand differently is not well-formed. Names that
 * were seen before are known by their spelling, because both sides of the gateway hear the same ones all day.
 */
import { flatText } from './flat-text.ts'

export type HeaderLines = Record<string, string>

/**
 * A line that begins with a space would go on with the one before; nobody has to accept that any more, and it is refused. Blanks around
 * the value are taken off afterwards: a pattern for them would look at a long row of them again and again.
 */
const headerLine = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n/y
const mostNames = 1000
const longestName = 64

/**
 * Gives a reader of the lines from `at` to the end of a text, the last with its line end: values by name in lower case, or `undefined`
 * where a line is not well-formed. Names that come again are joined with ", ", or are not well-formed either.
 */
export function headerLineReader(
  repeated: 'joined' | 'refused',
): (text: string, at: number) => HeaderLines | undefined {
  const names = new Map<string, string>()

  /** In lower case. A text that is known is a faster key than one that was just cut out. */
  function nameOf(spelled: string): string {
    const known = names.get(spelled)
    if (known !== undefined) return known
    const name = flatText(spelled.toLowerCase())
    if (names.size < mostNames && spelled.length <= longestName) names.set(flatText(spelled), name)
    return name
  }

  return (text, at) => {
    // Without what every object has, whose names a header may well have.
    const headers = Object.create(null) as HeaderLines
    for (let start = at; start < text.length; start = headerLine.lastIndex) {
      headerLine.lastIndex = start
      if (!headerLine.test(text)) return undefined
      const colon = text.indexOf(':', start)
      const name = nameOf(text.slice(start, colon))
      const value = withoutBlanks(text, colon + 1, headerLine.lastIndex - 2)
      const before = headers[name]
      if (before !== undefined && repeated === 'refused') return undefined
      headers[name] = before === undefined ? value : `${before}, ${value}`
    }
    return headers
  }
}

function withoutBlanks(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
