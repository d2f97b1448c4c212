/**
 * One content block on its way out as events. Blocks follow one another, each complete before the next; only calls, results and images
 * announce themselves.
 */
import { objectCompletion } from '../../kernel/codec/complete-json.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { PartDelta } from '../../model/chat-event.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part, ReasoningPart, ServerToolCallPart, ToolCallPart } from '../../model/part.ts'
import { encodeCachePoint, encodePart } from './blocks-encode.ts'
import type { BlockContext } from './blocks-encode.ts'
import { encodeCitation } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './report.ts'

/** What a block says: perhaps an announcement, then deltas. */
export interface BlockWriter {
  readonly start?: JsonObject
  /** Deltas to send at once: what the part began with. */
  first(): JsonObject[]
  add(delta: PartDelta): JsonObject[]
  /** Deltas that were held back until the part ended. */
  end(): JsonObject[]
}

/** Undefined, and reported, for parts that a stream here cannot hold. */
export function openBlock(part: Part, path: string, context: BlockContext): BlockWriter | undefined {
  const { lost } = context
  encodeCachePoint(part.cache, path, context)
  switch (part.type) {
    case 'text':
      // Reports what the text itself brings along.
      encodePart({ ...part, text: '', citations: [] }, path, context)
      return textWriter(part.text, part.citations ?? [], path, lost)
    case 'refusal':
      encodePart({ ...part, text: '' }, path, context)
      return textWriter(part.text, [], path, lost)
    case 'audio':
      if (part.source !== undefined) break
      encodePart({ ...part, transcript: '' }, path, context)
      return {
        first: () => textDelta(part.transcript ?? ''),
        // The text of its deltas is sound in base64.
        add: (delta) => textDelta(delta.transcript ?? ''),
        end: () => [],
      }
    case 'reasoning':
      return reasoningWriter(part, path, context)
    case 'tool-call':
    case 'server-tool-call': {
      const block = encodePart(withoutArguments(part), path, context)
      const use = block?.['toolUse']
      if (!isJsonObject(use)) return undefined
      const { input: _, ...start } = use
      return callWriter({ toolUse: start }, part, path, lost)
    }
    case 'image': {
      const image = encodePart(part, path, context)?.['image']
      if (!isJsonObject(image)) return undefined
      const { format, ...rest } = image
      return whole({ image: { format } }, { image: rest })
    }
    case 'server-tool-result': {
      const result = encodePart(part, path, context)?.['toolResult']
      if (!isJsonObject(result)) return undefined
      const { content, ...start } = result
      return whole({ toolResult: start }, { toolResult: content })
    }
    case 'opaque':
      if (part.origin !== dialectId) {
        encodePart(part, path, context)
        return undefined
      }
      break
    default:
  }
  return drop(lost, path, `a stream here cannot hold ${part.type}`)
}

function whole(start: JsonObject, delta: JsonObject): BlockWriter {
  return { start, first: () => [delta], add: () => [], end: () => [] }
}

function withoutArguments(part: ToolCallPart | ServerToolCallPart): ToolCallPart | ServerToolCallPart {
  if (part.type === 'server-tool-call') return { ...part, arguments: '{}' }
  // What is wrong with them is told when all of them are there.
  const { kind: _, ...call } = part
  return { ...call, arguments: '{}' }
}

/** A message of the stream holds 16 MiB, and a character takes up to six bytes in it. */
const longestPiece = 1 << 20

/** Pieces cut between whole characters. */
function piecesOf(text: string): string[] {
  if (text.length <= longestPiece) return text === '' ? [] : [text]
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const last = text.charCodeAt(at + longestPiece - 1)
    const end = at + longestPiece - (last >= 0xd800 && last <= 0xdbff ? 1 : 0)
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}

const textDelta = (text: string): JsonObject[] => piecesOf(text).map((piece) => ({ text: piece }))
const inputDelta = (text: string): JsonObject[] => piecesOf(text).map((input) => ({ toolUse: { input } }))
const thoughtDelta = (text: string): JsonObject[] => piecesOf(text).map((piece) => reasoningDelta({ text: piece }))
const reasoningDelta = (content: JsonObject): JsonObject => ({ reasoningContent: content })

function textWriter(
  text: string,
  citations: readonly NonNullable<PartDelta['citation']>[],
  path: string,
  lost: Loss[],
): BlockWriter {
  let said = false
  let cited = 0
  const written = (deltas: JsonObject[]): JsonObject[] => {
    said ||= deltas.length > 0
    return deltas
  }
  const cite = (citation: PartDelta['citation']): JsonObject[] => {
    if (citation === undefined) return []
    const json = encodeCitation(citation, joinPath(joinPath(path, 'citations'), cited++), lost)
    return isJsonObject(json) ? [{ citation: json }] : []
  }
  return {
    first: () => written([...citations.flatMap(cite), ...textDelta(text)]),
    add: (delta) => written([...textDelta(delta.text ?? ''), ...cite(delta.citation)]),
    // Without a delta there is no block.
    end: () => (said ? [] : [{ text: '' }]),
  }
}

/**
 * Arguments that begin as an object go out as they come, and are ended if they broke off. Anything else waits for its end, to be put
 * into an object.
 */
function callWriter(
  start: JsonObject,
  part: ToolCallPart | ServerToolCallPart,
  path: string,
  lost: Loss[],
): BlockWriter {
  const kind = part.type === 'tool-call' ? part.kind : undefined
  let all = ''
  let blank = true
  let flowing = false
  const add = (text: string): JsonObject[] => {
    const before = all
    all += text
    if (flowing) return inputDelta(text)
    // Its first character decides.
    const begins = blank && kind !== 'custom' ? text.trimStart() : ''
    if (begins === '') return []
    blank = false
    flowing = begins.startsWith('{')
    return flowing ? inputDelta(before + text) : []
  }
  return {
    start,
    first: () => add(part.arguments),
    add: (delta) => add(delta.text ?? ''),
    end: () => {
      const at = joinPath(path, 'arguments')
      if (flowing && objectCompletion(all) === undefined) {
        adapt(lost, at, 'the arguments are not valid JSON, and were sent as they are')
        return []
      }
      const { input, adapted } = toolInputOf(all, kind)
      if (adapted !== undefined) adapt(lost, at, adapted)
      return inputDelta(flowing ? (objectCompletion(all) ?? '') : JSON.stringify(input))
    },
  }
}

function reasoningWriter(part: ReasoningPart, path: string, context: BlockContext): BlockWriter {
  // Reports what is lost of it.
  encodePart({ ...part, text: '' }, path, context)
  if (part.origin === dialectId) {
    const own = (encrypted?: string, text?: string, signature?: string): JsonObject[] => [
      ...(encrypted === undefined ? [] : [reasoningDelta({ redactedContent: encrypted })]),
      ...thoughtDelta(text ?? ''),
      ...(signature === undefined ? [] : [reasoningDelta({ signature })]),
    ]
    let { encrypted } = part
    return {
      first: () => (encrypted === undefined ? own(undefined, part.text, part.signature) : []),
      add: (delta) => {
        encrypted = delta.encrypted ?? encrypted
        return own(undefined, delta.text, delta.signature)
      },
      // Each piece of it is added to those before, so it goes out whole.
      end: () => own(encrypted),
    }
  }
  let { signature, encrypted } = part
  return {
    first: () => thoughtDelta(part.text),
    add: (delta) => {
      signature = delta.signature ?? signature
      encrypted = delta.encrypted ?? encrypted
      return thoughtDelta(delta.text ?? '')
    },
    end: () => {
      const sealed = sealReasoning({
        ...part,
        ...(signature !== undefined && { signature }),
        ...(encrypted !== undefined && { encrypted }),
      })
      return [reasoningDelta({ signature: sealed })]
    },
  }
}
