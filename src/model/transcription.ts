/** What is said in a recording, written down: in every protocol's terms at once. */
import type { Node } from './node.ts'
import type { Usage } from './usage.ts'

export const transcriptFormats = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'] as const

export type TranscriptFormat = (typeof transcriptFormats)[number]

export interface TranscriptionRequest extends Node {
  readonly model: string
  /** The recording itself is one of the exchange's uploads; milliseconds as far as they can be told from outside. */
  readonly file: {
    readonly upload: number
    readonly name: string
    readonly type: string
    readonly size: number
    readonly audioMs: number
  }
  readonly language?: string
  /** Words that it may have, or what came before it. */
  readonly prompt?: string
  readonly temperature?: number
  /** Default json. */
  readonly format?: TranscriptFormat
  readonly times?: readonly ('word' | 'segment')[]
  readonly stream: boolean
}

/** Times are in seconds. */
export interface TranscriptSegment extends Node {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly speaker?: string
}

export interface TranscriptWord extends Node {
  readonly start: number
  readonly end: number
  readonly word: string
  readonly speaker?: string
}

export interface TranscriptionResponse extends Node {
  readonly text: string
  readonly language?: string
  /** Seconds. */
  readonly duration?: number
  readonly segments?: readonly TranscriptSegment[]
  readonly words?: readonly TranscriptWord[]
  readonly usage?: Usage
}

/** Whether a service that writes these forms of transcripts writes the one that is asked for. */
export const writesTranscript = (
  { format = 'json' }: TranscriptionRequest,
  forms: readonly TranscriptFormat[],
): boolean => forms.includes(format)
