/** What clients and providers make up goes into records and reservations, which are kept: within these bounds. */

const longestText = 1024
const mostPaths = 100

/** The beginning of a text that is too long to keep. */
export function recordText(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).toWellFormed()}…`
}

/** The first of the places that a translation left out. */
export function recordPaths(lost: readonly { readonly path: string }[]): string[] {
  const kept = lost.slice(0, mostPaths).map(({ path }) => recordText(path))
  return lost.length <= mostPaths ? kept : [...kept, `… and ${lost.length - mostPaths} more`]
}
