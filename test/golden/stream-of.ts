/**
 * The events that tell an answer as a stream, always the same ones for the same answer: every text in up to five pieces,
 * one part after another, choices after each other, what concerns the whole at the end.
 */
import type { ChatEvent } from '../../src/model/chat-event.ts'
import type { ChatResponse, Choice } from '../../src/model/chat.ts'
import type { Part } from '../../src/model/part.ts'

export function streamOf(answer: ChatResponse): ChatEvent[] {
  const { id, model, created, choices, usage, serviceTier, safety } = answer
  return [
    { type: 'response-start', id, model, ...(created !== undefined && { created }) },
    ...choices.flatMap(eventsOfChoice),
    ...(safety ?? []).map((verdict): ChatEvent => ({ type: 'safety-update', verdict })),
    ...(serviceTier === undefined ? [] : [{ type: 'response-update', serviceTier } as const]),
    ...(usage === undefined ? [] : [{ type: 'usage-update', usage } as const]),
    { type: 'response-end' },
  ]
}

function eventsOfChoice({ index, parts, logprobs, finish }: Choice): ChatEvent[] {
  const likely: ChatEvent[] = logprobs === undefined ? [] : [{ type: 'logprobs-delta', choice: index, ...logprobs }]
  const likelyText = parts.findIndex(({ type }) => type === 'text')
  return [
    ...parts.flatMap((part, at) => {
      const events = eventsOfPart(index, at, part)
      // While the text that they are about is still open.
      return at === likelyText ? events.toSpliced(-1, 0, ...likely) : events
    }),
    { type: 'choice-end', choice: index, finish: finish ?? { reason: 'stop' } },
  ]
}

function eventsOfPart(choice: number, index: number, part: Part): ChatEvent[] {
  const at = { choice, part: index }
  const start = (value: Part): ChatEvent => ({ type: 'part-start', ...at, value })
  const grown = (text: string): ChatEvent[] =>
    piecesOf(text).map((piece) => ({ type: 'part-delta', ...at, text: piece }))
  const end: ChatEvent = { type: 'part-end', ...at }
  switch (part.type) {
    case 'text': {
      const { citations = [], ...rest } = part
      const cited = citations.map((citation): ChatEvent => ({ type: 'part-delta', ...at, citation }))
      return [start({ ...rest, text: '' }), ...grown(part.text), ...cited, end]
    }
    case 'refusal':
      return [start({ ...part, text: '' }), ...grown(part.text), end]
    case 'reasoning': {
      const { signature, ...rest } = part
      const signed: ChatEvent[] = signature === undefined ? [] : [{ type: 'part-delta', ...at, signature }]
      return [start({ ...rest, text: '' }), ...grown(part.text), ...signed, end]
    }
    case 'tool-call':
    case 'server-tool-call':
      return [start({ ...part, arguments: '' }), ...grown(part.arguments), end]
    case 'audio': {
      const { source, transcript, expiresAt, ...rest } = part
      if (source?.kind !== 'base64') return [start(part), end]
      return [
        start({ ...rest, source: { ...source, data: '' } }),
        ...grown(source.data),
        ...piecesOf(transcript ?? '').map((piece): ChatEvent => ({ type: 'part-delta', ...at, transcript: piece })),
        ...(expiresAt === undefined ? [] : [{ type: 'part-delta', ...at, expiresAt } as const]),
        end,
      ]
    }
    default:
      return [start(part), end]
  }
}

const mostPieces = 5
const shortestPiece = 8

/** Cut by length, but never through a character of two code units. */
function piecesOf(text: string): string[] {
  const size = Math.max(shortestPiece, Math.ceil(text.length / mostPieces))
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const end = isSplit(text, at + size) ? at + size + 1 : at + size
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}

const isSplit = (text: string, at: number): boolean =>
  /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1))
