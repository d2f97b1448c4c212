/**
 * One part of an answer on its way out as parts of chunks: text and thoughts as they come, all else whole. Parts of one candidate
 * follow one another here; what belongs to a later one waits.
 */
import type { PartDelta } from '../../model/chat-event.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part, ReasoningPart, TextPart } from '../../model/part.ts'
import { encodeAnswerPart } from './candidates.ts'
import type { PartContext } from './parts-encode.ts'
import { adapt, reportAround } from './losses.ts'
import { carriedFor, sealSignature } from './signatures.ts'
import { dialectId } from './dialect-id.ts'

/** Writes one part of the model. */
export interface PartWriter {
  /** Parts to send at once: what it began with. */
  first(): JsonObject[]
  add(delta: PartDelta): JsonObject[]
  /** Parts that were held back until it ended. */
  end(): JsonObject[]
}

/** What the writers of one candidate share. */
export interface CandidateState {
  readonly context: PartContext
  /** A signature of Gemini's own that belongs on the next part. */
  waiting: string | undefined
  /** Takes a text when it is whole, for its sources. */
  readonly cited: (text: TextPart) => void
}

export function openPart(part: Part, path: string, state: CandidateState): PartWriter {
  switch (part.type) {
    case 'text':
      return textWriter(part, path, state)
    case 'refusal':
      adapt(state.context.lost, path, `a refusal is ordinary text in ${dialectId}`)
      return textWriter({ ...part, type: 'text' }, path, state)
    case 'reasoning':
      return carriedFor(part) === undefined ? thoughtWriter(part, path, state) : carrierWriter(part, state)
    default:
      return wholeWriter(part, path, state)
  }
}

function textWriter(part: TextPart, path: string, state: CandidateState): PartWriter {
  let whole = part
  let begun = false
  const say = (text: string): JsonObject[] => {
    if (begun) return text === '' ? [] : [{ text }]
    // What a part of its own has besides its text is told with the first piece.
    if (text === '' && part.extra?.[dialectId] === undefined) return []
    begun = true
    const { citations: _, cache: _cache, ...bare } = part
    const json = encodeAnswerPart({ ...bare, text }, undefined, path, quiet(state))
    return json === undefined ? [] : [json]
  }
  return {
    first: () => {
      reportAround(part, path, state.context.lost)
      return say(part.text)
    },
    add: (delta) => {
      whole = appendDelta(whole, delta) as TextPart
      return say(delta.text ?? '')
    },
    end: () => {
      state.cited(whole)
      return []
    },
  }
}

/** Losses around a text are reported once, when it begins. */
function quiet({ context }: CandidateState): PartContext {
  return { ...context, lost: [] }
}

function thoughtWriter(part: ReasoningPart, path: string, { context }: CandidateState): PartWriter {
  let whole = part
  const thought = (text: string): JsonObject[] => (text === '' ? [] : [{ thought: true, text }])
  return {
    first: () => {
      reportAround(part, path, context.lost)
      return thought(part.text)
    },
    add: (delta) => {
      whole = appendDelta(whole, delta) as ReasoningPart
      return thought(delta.text ?? '')
    },
    // Whose it is, and the proof of it, comes back with the last piece.
    end: () => {
      const signature = whole.origin === dialectId ? whole.signature : sealSignature(whole)
      const extra = part.extra?.[dialectId]
      if ((signature === undefined || signature === '') && extra === undefined) return []
      return [{ ...extra, thought: true, text: '', ...(signature !== undefined && { thoughtSignature: signature }) }]
    },
  }
}

/** A signature that stood on another part: on the text before it, or the part after it. */
function carrierWriter(part: ReasoningPart, state: CandidateState): PartWriter {
  const foreign = part.origin !== dialectId
  return {
    first: () => [],
    add: () => [],
    end: () => {
      if (foreign) return [{ thought: true, text: '', thoughtSignature: sealSignature(part) }]
      if (carriedFor(part) === 'previous') return [{ text: '', thoughtSignature: part.signature ?? '' }]
      state.waiting = part.signature
      return []
    },
  }
}

function wholeWriter(part: Part, path: string, state: CandidateState): PartWriter {
  let whole = part
  return {
    first: () => [],
    add: (delta) => {
      whole = appendDelta(whole, delta)
      return []
    },
    end: () => {
      const json = encodeAnswerPart(whole, state.waiting, path, state.context)
      state.waiting = undefined
      return json === undefined ? [] : [json]
    },
  }
}
