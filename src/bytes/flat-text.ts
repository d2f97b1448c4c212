/**
 * The same text as one run of characters. V8 keeps what was joined as a tree of its parts, even after it has been read, and its fast
 * way to make JSON gives up at the first of those; so texts that are made once and stand in every record are made flat.
 */
export function flatText(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}
