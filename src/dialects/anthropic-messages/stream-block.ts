/**
 * One content block on its way out as events. Blocks of this protocol come one after another, each complete before the next, and what
 * a block is told in (text, JSON, thinking) is fixed when it begins.
 */
import type { PartDelta } from '../../model/chat-event.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part, ReasoningPart, ServerToolCallPart, ToolCallPart } from '../../model/part.ts'
import { encodePart } from './blocks-encode.ts'
import { encodeCitation } from './citations-encode.ts'
import { objectCompletion } from '../../kernel/codec/complete-json.ts'
import { dialectId } from './dialect-id.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'

type CallPart = ToolCallPart | ServerToolCallPart

/** What a block says: the block as it begins, and the deltas that follow. */
export interface BlockWriter {
  /** The block as `content_block_start` has it. */
  readonly block: JsonObject
  /** Deltas to send at once: what the part began with. */
  first(): JsonObject[]
  add(delta: PartDelta): JsonObject[]
  /** Deltas that were held back until the part ended. */
  end(): JsonObject[]
}

/** Undefined, and reported, for parts that this protocol's answers cannot hold. */
export function openBlock(part: Part, path: string, lost: Loss[]): BlockWriter | undefined {
  const context = { side: 'response', own: false, lost } as const
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const block = encodePart({ ...part, text: '' }, path, context)
      return block && textWriter(block, part.text, path, lost, part.type === 'text' ? (part.citations?.length ?? 0) : 0)
    }
    case 'audio': {
      const block = encodePart({ ...part, transcript: '' }, path, context)
      const said = textDelta(part.transcript ?? '')
      // The text of its deltas is sound in base64.
      return block && { block, first: () => said, add: (delta) => textDelta(delta.transcript ?? ''), end: () => [] }
    }
    case 'tool-call':
    case 'server-tool-call': {
      // The arguments come as deltas; what is wrong with them is told when all of them are there.
      const block = encodePart(withoutArguments(part), path, context)
      return block && callWriter({ ...block, input: {} }, part, path, lost)
    }
    case 'reasoning':
      return reasoningWriter(part, path, lost)
    default: {
      const block = encodePart(part, path, context)
      return block && { block, first: () => [], add: () => [], end: () => [] }
    }
  }
}

function withoutArguments(part: CallPart): CallPart {
  if (part.type === 'server-tool-call') return { ...part, arguments: '' }
  const { kind: _, ...call } = part
  return { ...call, arguments: '' }
}

const textDelta = (text: string): JsonObject[] => (text === '' ? [] : [{ type: 'text_delta', text }])
const jsonDelta = (text: string): JsonObject[] =>
  text === '' ? [] : [{ type: 'input_json_delta', partial_json: text }]

function textWriter(block: JsonObject, text: string, path: string, lost: Loss[], cited: number): BlockWriter {
  let citations = cited
  return {
    block,
    first: () => textDelta(text),
    add: (delta) => {
      const citation =
        delta.citation &&
        encodeCitation(delta.citation, joinPath(joinPath(path, 'citations'), citations++), 'response', lost)
      const more: JsonObject[] = citation === undefined ? [] : [{ type: 'citations_delta', citation }]
      return [...textDelta(delta.text ?? ''), ...more]
    },
    end: () => [],
  }
}

/**
 * Arguments that begin as an object go out as they come, and are ended if they broke off. Anything else waits for its end, to be put
 * into an object.
 */
function callWriter(block: JsonObject, part: CallPart, path: string, lost: Loss[]): BlockWriter {
  const kind = part.type === 'tool-call' ? part.kind : undefined
  let all = ''
  let flowing = false
  const add = (text: string): JsonObject[] => {
    const start = all
    all += text
    if (flowing) return jsonDelta(text)
    if (kind === 'custom' || !all.trimStart().startsWith('{')) return []
    flowing = true
    return jsonDelta(start + text)
  }
  const adapted = (reason: string): void =>
    void lost.push({ path: joinPath(path, 'arguments'), kind: 'adapted', reason })
  return {
    block,
    first: () => add(part.arguments),
    add: (delta) => add(delta.text ?? ''),
    end: () => {
      if (flowing && objectCompletion(all) === undefined) {
        adapted('the arguments are not valid JSON, and were sent as they are')
        return []
      }
      const { input, adapted: reason } = toolInputOf(all, kind)
      if (reason !== undefined) adapted(reason)
      if (flowing) return jsonDelta(objectCompletion(all) ?? '')
      return isJsonObject(input) && Object.keys(input).length === 0 ? [] : jsonDelta(JSON.stringify(input))
    },
  }
}

function reasoningWriter(part: ReasoningPart, path: string, lost: Loss[]): BlockWriter | undefined {
  if (part.origin === dialectId && part.encrypted !== undefined) {
    const block = encodePart(part, path, { side: 'response', own: false, lost })
    return block && { block, first: () => [], add: () => [], end: () => [] }
  }
  const started = encodePart({ ...part, text: '' }, path, { side: 'response', own: false, lost })
  if (started === undefined) return undefined
  const foreign = part.origin !== dialectId
  let { signature, encrypted } = part
  return {
    block: { ...started, thinking: '', ...((foreign || 'signature' in started) && { signature: '' }) },
    first: () => [...thinkingDelta(part.text), ...(foreign ? [] : signatureDelta(part.signature))],
    add: (delta) => {
      signature = delta.signature ?? signature
      encrypted = delta.encrypted ?? encrypted
      return [...thinkingDelta(delta.text), ...(foreign ? [] : signatureDelta(delta.signature))]
    },
    end: () => {
      if (!foreign) return []
      const sealed = sealReasoning({
        ...part,
        ...(signature !== undefined && { signature }),
        ...(encrypted !== undefined && { encrypted }),
      })
      return signatureDelta(sealed)
    },
  }
}

const thinkingDelta = (thinking: string | undefined): JsonObject[] =>
  thinking === undefined || thinking === '' ? [] : [{ type: 'thinking_delta', thinking }]
const signatureDelta = (signature: string | undefined): JsonObject[] =>
  signature === undefined || signature === '' ? [] : [{ type: 'signature_delta', signature }]
