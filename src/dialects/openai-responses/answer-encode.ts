/** The output of a complete answer: the items that its parts make. A stream tells the same items, piece by piece. */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import type { ItemIds } from './ids.ts'
import { groupItems } from './item-groups.ts'
import type { ItemGroup } from './item-groups.ts'
import {
  answeredMessage,
  encodeCall,
  encodeKept,
  encodePicture,
  isDecoded,
  messageBlocks,
  ownMessage,
  reportPart,
  spokenText,
} from './items-encode.ts'
import { shareLogprobs } from './logprobs.ts'
import { encodeForeignReasoning, encodeReasoning } from './reasoning.ts'

export interface AnswerContext {
  readonly ids: ItemIds
  /** Of the response. */
  readonly status: string
  readonly logprobs: readonly TokenLogprob[]
  readonly lost: Loss[]
}

export const partsPath = 'choices[0].content'

export function encodeAnswer(all: readonly Part[], context: AnswerContext): JsonObject[] {
  const parts = all.map((part, at) => spoken(part, at, context.lost))
  const shares = sharesOf(all, context.logprobs)
  const groups = groupItems(parts)
  const output: JsonObject[] = []
  for (const [nth, group] of groups.entries()) {
    // What the limit or a filter cut off is the last item.
    const cut = context.status === 'incomplete' && nth === groups.length - 1
    const item = encodeGroup(group, output.length, cut ? 'incomplete' : 'completed', shares, context)
    if (item !== undefined) output.push(item)
  }
  return output
}

function spoken(part: Part, at: number, lost: Loss[]): Part {
  return part.type === 'audio' ? (spokenText(part, joinPath(partsPath, at), lost) ?? silence) : part
}

const silence: Part = { type: 'opaque', origin: '', value: null }

/** The log probabilities of each text: as they came with it, or its share of the answer's. */
function sharesOf(parts: readonly Part[], all: readonly TokenLogprob[]): Map<Part, readonly TokenLogprob[]> {
  const texts = parts.filter((part) => part.type === 'text')
  if (all.length === 0 || texts.some((part) => Array.isArray(ownForm(part)?.['logprobs']))) return new Map()
  const shares = shareLogprobs(
    all,
    texts.map((part) => part.text),
  )
  return new Map(texts.map((part, index) => [part, shares[index] ?? []]))
}

function encodeGroup(
  { kind, members }: ItemGroup,
  index: number,
  status: string,
  shares: ReadonlyMap<Part, readonly TokenLogprob[]>,
  { ids, lost }: AnswerContext,
): JsonObject | undefined {
  const parts = members.map(({ part }) => part)
  const paths = members.map(({ at }) => joinPath(partsPath, at))
  const [path = ''] = paths
  const [part] = parts
  if (part === undefined || part === silence) return undefined
  if (kind === 'message') {
    const logprobs = parts.map((each) => shares.get(each) ?? [])
    const blocks = messageBlocks({ parts, paths, logprobs }, 'answer', lost)
    if (isDecoded(part)) return ownMessage(part, blocks)
    return blocks.length === 0 ? undefined : answeredMessage(ids('message', index), blocks, status)
  }
  for (const [nth, each] of parts.entries()) reportPart(each, paths[nth] ?? '', lost)
  if (kind === 'reasoning') {
    if (part.type === 'reasoning' && part.origin !== dialectId)
      return encodeForeignReasoning(part, ids('reasoning', index))
    return encodeReasoning(parts, isDecoded(part) ? undefined : ids('reasoning', index))
  }
  switch (part.type) {
    case 'tool-call': {
      const answered = { id: ids(part.kind === 'custom' ? 'custom' : 'function', index), status }
      return encodeCall(part, part.id, isDecoded(part) ? undefined : answered)
    }
    case 'image':
      return encodePicture(
        part,
        isDecoded(part) ? undefined : { id: ids('image', index), status: 'completed' },
        path,
        lost,
      )
    default:
      return encodeKept(part, path, lost)
  }
}
