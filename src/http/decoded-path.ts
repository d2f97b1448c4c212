/** Undoes the escapes of a path, which names of models need more often than not: they have slashes. */

/** A part of a path as it was meant; as it stands where its escapes are wrong. */
export function decodedPath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
