/** Chance that is not: numbers that follow from a seed alone, so that the same request gets the same answer for ever. */
import type { Random } from '../../kernel/clock.ts'

/** A 32-bit hash of text; pass the result of one text as `from` to hash several as one. */
export function hashText(text: string, from = 0x811c9dc5): number {
  let hash = from
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mix(hash ^ text.length)
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A counter with its values scrambled: quick, and good enough to look like chance. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 0x1_0000_0000
  }
}

/** An integer from `from` to `to`, both included. */
export function drawInteger(draw: Random, from: number, to: number): number {
  return from + Math.floor(draw() * (to - from + 1))
}

export function pick<T>(draw: Random, list: readonly [T, ...T[]]): T {
  return list[Math.floor(draw() * list.length)] ?? list[0]
}

/** Letters and digits as ids have them. */
export function drawId(draw: Random, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  let id = ''
  for (let at = 0; at < length; at++) id += alphabet.charAt(Math.floor(draw() * alphabet.length))
  return id
}
