/** Cuts texts for tests as a stream may bring them: at any places, the same for the same numbers. */
import fc from 'fast-check'

export function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...places, text.length].map((place, index) => text.slice(index === 0 ? 0 : places[index - 1], place))
}

export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(500), { maxLength: 8 })
