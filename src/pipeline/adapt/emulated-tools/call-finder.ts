/**
 * Finds calls in the text of an answer as it is written. Text goes on at once but for what could be the beginning of a mark; a call is
 * known when its JSON is whole. What looks like a call and is none stays text.
 */
import type { DescribedTool, ReadCall } from './call-format.ts'
import { callEnd, callStart, readCall } from './call-format.ts'

export type Piece = { readonly text: string } | { readonly call: ReadCall }

/** Characters of one call. */
const longestCall = 8_388_608
/** What only looks like calls and is looked into for others, in one text. */
const mostFalse = 20

/** White space that is held back: more of it is no pause before a call. */
const mostWhite = 1024

const white = /^\s*$/

export class CallFinder {
  readonly #tools: ReadonlyMap<string, DescribedTool>
  /** White space and perhaps the beginning of a mark: the end of the text so far. In a call: white space before its mark. */
  #held = ''
  #body: CallBody | undefined
  /** A call was the last that was found: white space after it belongs to neither. */
  #afterCall = false
  #false = 0

  constructor(tools: ReadonlyMap<string, DescribedTool>) {
    this.#tools = tools
  }

  push(text: string): Piece[] {
    const pieces: Piece[] = []
    let rest = text
    while (rest !== '')
      rest = this.#body === undefined ? this.#text(rest, pieces) : this.#call(this.#body, rest, pieces)
    return pieces
  }

  /** What was held back. */
  end(): Piece[] {
    const pieces: Piece[] = []
    while (this.#body !== undefined) {
      let rest = this.#settle(this.#body, pieces)
      while (rest !== '')
        rest = this.#body === undefined ? this.#text(rest, pieces) : this.#call(this.#body, rest, pieces)
    }
    this.#emit(this.#held, pieces)
    this.#held = ''
    return pieces
  }

  /** Reads text up to a mark; gives what is to be read after it. */
  #text(text: string, pieces: Piece[]): string {
    const all = this.#held + text
    const at = this.#false < mostFalse ? all.indexOf(callStart) : -1
    const clear = at === -1 ? clearLength(all) : all.slice(0, at).trimEnd().length
    this.#emit(all.slice(0, clear), pieces)
    if (at === -1) {
      this.#held = all.slice(clear)
      return ''
    }
    this.#held = all.slice(clear, at)
    this.#body = new CallBody()
    return all.slice(at + callStart.length)
  }

  #call(body: CallBody, text: string, pieces: Piece[]): string {
    const state = body.push(text)
    return state === 'open' ? '' : this.#settle(body, pieces)
  }

  /** The call as far as it has come is all of it; gives what is to be read after it. */
  #settle(body: CallBody, pieces: Piece[]): string {
    this.#body = undefined
    const call = body.json === undefined ? undefined : readCall(body.json, this.#tools)
    if (call !== undefined) {
      this.#held = ''
      this.#afterCall = true
      pieces.push({ call })
      return body.rest
    }
    // There may be a call within what only looked like one.
    this.#false += 1
    this.#emit(this.#held + callStart, pieces)
    this.#held = ''
    return body.all
  }

  #emit(text: string, pieces: Piece[]): void {
    const said = this.#afterCall ? text.trimStart() : text
    if (said === '') return
    this.#afterCall = false
    pieces.push({ text: said })
  }
}

/** How much of a text cannot belong to a mark, or to the white space before one, however it goes on. */
function clearLength(text: string): number {
  let mark = Math.min(callStart.length - 1, text.length)
  while (mark > 0 && !text.endsWith(callStart.slice(0, mark))) mark -= 1
  const before = text.slice(0, text.length - mark)
  const clear = before.trimEnd().length
  return before.length - clear > mostWhite ? before.length : clear
}

/** What follows the mark of a call: JSON, and the mark that ends it, which some models forget. */
class CallBody {
  /** Only ever added to while it grows: to look into it would cost as much as it is long, each time. */
  #text = ''
  #start = -1
  #end = -1
  #depth = 0
  #inString = false
  #escaped = false

  /** `over`: whole, or no call. */
  push(text: string): 'open' | 'over' {
    const before = this.#text.length
    this.#text += text
    if (this.#end === -1 && !this.#readJson(text, before)) return 'over'
    if (this.#end === -1) return this.#text.length > longestCall ? 'over' : 'open'
    const rest = this.#text.slice(this.#end).trimStart()
    return rest.length < callEnd.length && callEnd.startsWith(rest) ? 'open' : 'over'
  }

  get json(): string | undefined {
    return this.#end === -1 ? undefined : this.#text.slice(this.#start, this.#end)
  }

  /** Behind the call. */
  get rest(): string {
    const rest = this.#text.slice(this.#end)
    const trimmed = rest.trimStart()
    return trimmed.startsWith(callEnd) ? trimmed.slice(callEnd.length) : rest
  }

  get all(): string {
    return this.#text
  }

  /** False when it is not the JSON of an object. */
  #readJson(text: string, before: number): boolean {
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at] ?? ''
      if (this.#start === -1) {
        if (white.test(character)) continue
        if (character !== '{') return false
        this.#start = before + at
      }
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inString = false
      } else if (character === '"') this.#inString = true
      else if (character === '{' || character === '[') this.#depth += 1
      else if (character === '}' || character === ']') {
        this.#depth -= 1
        if (this.#depth > 0) continue
        this.#end = before + at + 1
        return true
      }
    }
    return true
  }
}
