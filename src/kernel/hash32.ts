/** A quick hash of texts that spreads well, for sharing requests out. It keeps no secret: nobody is kept from finding a text with a given hash. */

/** 32 bits: FNV-1a, with the last step of MurmurHash3 to spread similar texts. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
