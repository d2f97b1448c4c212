/** Ways to cut a stream into chunks: single bytes, sevens, and at positions that look random and are always the same. */

export interface Cut {
  readonly how: string
  readonly chunks: readonly Uint8Array[]
}

/** Above these a stream is not given in so small pieces, which would take longer than it shows. */
const longForBytes = 6000
const longForSevens = 30_000

export function cutsOf(bytes: Uint8Array): Cut[] {
  return [
    { how: 'at random', chunks: chunksOf(bytes, randomSizes(bytes.length)) },
    { how: 'every 7 bytes', chunks: chunksOf(bytes, () => (bytes.length > longForSevens ? 701 : 7)) },
    ...(bytes.length > longForBytes ? [] : [{ how: 'every byte', chunks: chunksOf(bytes, () => 1) }]),
  ]
}

function chunksOf(bytes: Uint8Array, size: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  // Copies, so that a decoder which keeps a view of a chunk beyond its turn is found out.
  for (let at = 0; at < bytes.length;) {
    const end = at + size()
    chunks.push(Uint8Array.from(bytes.subarray(at, end)))
    at = end
  }
  return chunks
}

/** Sizes from 1 to 64 by a linear congruence. */
function randomSizes(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 1 + (state >>> 26)
  }
}
