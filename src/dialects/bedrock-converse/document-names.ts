/**
 * Names of documents within one request: letters, digits, single spaces, hyphens, parentheses and square brackets, and no name twice
 * (API reference, DocumentBlock). A name that was not made for Bedrock is made fit.
 */

const longest = 200
const reserve = 10

export class DocumentNames {
  readonly #taken = new Set<string>()

  /** A name that came in this protocol stays what it is. */
  take(name: string): string {
    this.#taken.add(name)
    return name
  }

  choose(wanted: string): string {
    const plain = wanted
      .replaceAll(/[^\p{L}\p{N}\s\-()[\]]/gu, '-')
      .replaceAll(/[^\x20-\x7e]/g, '-')
      .replaceAll(/\s+/g, ' ')
      .slice(0, longest - reserve)
      .trim()
    const base = plain.replaceAll('-', '') === '' ? 'document' : plain
    let name = base
    for (let count = 2; this.#taken.has(name); count++) name = `${base} ${count}`
    return this.take(name)
  }
}
