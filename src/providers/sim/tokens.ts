/**
 * The simulator's own tokens: about as many as a real tokenizer makes of English and code, at a fraction of its cost. What is
 * streamed is cut where it is counted, so usage and chunks always agree.
 */

const wordLength = 8
const blankLength = 8

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Where the token that begins at `at` ends: a word with the blank before it, a run of blanks, a sign, one or two other letters. */
function tokenEnd(text: string, at: number): number {
  let end = at
  const first = text.charCodeAt(end)
  if (first === 32 && isWord(text.charCodeAt(end + 1))) end++
  if (isWord(text.charCodeAt(end))) {
    const limit = Math.min(end + wordLength, text.length)
    while (end < limit && isWord(text.charCodeAt(end))) end++
    return end
  }
  if (isBlank(first)) {
    const limit = Math.min(at + blankLength, text.length)
    while (end < limit && isBlank(text.charCodeAt(end))) {
      if (end > at && text.charCodeAt(end) === 32 && isWord(text.charCodeAt(end + 1))) break
      end++
    }
    return end
  }
  if (first < 128) return end + 1
  // Never between the halves of a surrogate pair.
  for (let letters = 0; letters < 2 && end < text.length; letters++) {
    const code = text.codePointAt(end) ?? 0
    if (code < 128) break
    end += code > 0xffff ? 2 : 1
  }
  return end
}

export function splitTokens(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length;) {
    const end = tokenEnd(text, at)
    tokens.push(text.slice(at, end))
    at = end
  }
  return tokens
}

export function countTokens(text: string): number {
  let tokens = 0
  for (let at = 0; at < text.length; at = tokenEnd(text, at)) tokens++
  return tokens
}
