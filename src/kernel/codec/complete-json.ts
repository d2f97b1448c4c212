/**
 * Ends JSON that broke off: a tool call cut by a token limit has arguments that stop anywhere, and some protocols
 * want an object. What is appended keeps everything the model wrote, which lets a stream that already sent it end properly as well.
 */
import { parseJson } from '../../bytes/parse-json.ts'

/** Ends of literals, by the letters that are there. */
const literals = ['true', 'false', 'null']

/** What to append to `text` to make it one JSON object: empty when it is one, undefined when nothing can. */
export function objectCompletion(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  if (isObject(text)) return ''
  const ending = endingOf(text)
  return ending !== undefined && isObject(text + ending) ? ending : undefined
}

function isObject(text: string): boolean {
  try {
    const value: unknown = parseJson(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function endingOf(text: string): string | undefined {
  const closers: string[] = []
  /** Start of the string that is open, or -1. */
  let string = -1
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (string >= 0) {
      if (character === '\\') at++
      else if (character === '"') string = -1
    } else if (character === '"') string = at
    else if (character === '{') closers.push('}')
    else if (character === '[') closers.push(']')
    else if (character === '}' || character === ']') closers.pop()
  }
  if (closers.length === 0) return undefined
  const close = closers.toReversed().join('')
  if (string < 0) return afterToken(text.trimEnd(), closers.at(-1) === '}') + close
  return `${endOfEscape(text.slice(string + 1))}"${isKey(text.slice(0, string).trimEnd(), closers.at(-1) === '}') ? ':null' : ''}${close}`
}

/** Whether a string that begins after `before` is a member's name. */
function isKey(before: string, inObject: boolean): boolean {
  return inObject && (before.endsWith('{') || before.endsWith(','))
}

/** Completes an escape that the end of an open string cut. */
function endOfEscape(inside: string): string {
  const cut = /\\(u[0-9a-fA-F]{0,3})?$/.exec(inside.slice(-5))
  if (cut === null) return ''
  let backslashes = 0
  for (let at = inside.length - cut[0].length; at >= 0 && inside[at] === '\\'; at--) backslashes++
  // An even run is escaped backslashes.
  if (backslashes % 2 === 0) return ''
  return cut[1] === undefined ? '\\' : '0'.repeat(5 - cut[1].length)
}

/** Completes what stands outside of strings at the end: a separator without what follows it, a cut number or literal. */
function afterToken(text: string, inObject: boolean): string {
  const last = text.at(-1)
  if (last === ':') return 'null'
  if (last === ',') return inObject ? '"":null' : 'null'
  if (last === '"') return isKey(text.slice(0, lastStringStart(text)).trimEnd(), inObject) ? ':null' : ''
  if (last !== undefined && '-+.eE'.includes(last) && /[0-9-][0-9.eE+-]*$/.test(text.slice(-64))) return '0'
  const word = /[a-z]+$/.exec(text.slice(-8))?.[0]
  if (word === undefined) return ''
  return literals.find((literal) => literal.startsWith(word))?.slice(word.length) ?? ''
}

/** Where the string that ends `text` starts. */
function lastStringStart(text: string): number {
  let start = -1
  let open = false
  for (let at = 0; at < text.length; at++) {
    if (open && text[at] === '\\') at++
    else if (text[at] === '"') {
      if (!open) start = at
      open = !open
    }
  }
  return start
}
