/** Text to be spoken, in every protocol's terms at once. The answer is audio, whose bytes nobody here looks into. */
import type { Node } from './node.ts'

export const speechFormats = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const

/** `opus` is in an Ogg file, `pcm` without any: 16 bits, little-endian, 24,000 times a second. */
export type SpeechFormat = (typeof speechFormats)[number]

export interface SpeechRequest extends Node {
  readonly model: string
  readonly input: string
  /** The provider's own name or id of it. */
  readonly voice?: string
  /** How to speak, in words. */
  readonly instructions?: string
  /** Default mp3. */
  readonly format?: SpeechFormat
  /** 1 is as usual, 2 twice as fast. */
  readonly speed?: number
  /** The audio is to come in events rather than as it is. */
  readonly events: boolean
}

/** Unicode characters, as speech is billed by. */
export function charactersOf(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    // The second half of a pair belongs to the first.
    if (unit < 0xdc00 || unit > 0xdfff) count += 1
  }
  return count
}
