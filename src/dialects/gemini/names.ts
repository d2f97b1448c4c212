/**
 * Names of functions. Google takes letters, digits, `_`, `.`, `:` and `-`, a letter or `_` first (FunctionDeclaration.name in the API
 * reference). A name that is not like that is spelled in such characters, so that the answer's calls can be told by the client's own
 * name again; one that is too long is left for Google to refuse, since nothing short could be turned back.
 */

const accepted = /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/
const mark = '_sg.'

export function encodeName(name: string): string {
  if (accepted.test(name) && !name.startsWith(mark)) return name
  return `${mark}${name.replaceAll(/[^a-zA-Z0-9_-]/gu, (character) => `:${(character.codePointAt(0) ?? 0).toString(16)}.`)}`
}

/** The name that `encodeName` spelled, or the name itself. */
export function decodeName(name: string): string {
  if (!name.startsWith(mark)) return name
  return name.slice(mark.length).replaceAll(/:([0-9a-f]{1,6})\./g, (spelled, digits: string) => {
    const point = Number.parseInt(digits, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : spelled
  })
}
