/** The output of a complete answer: the items that its parts make. A stream tells the same items, piece by piece. */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import type { ItemIds } from './ids.ts'
import { groupItems, placed } from './item-groups.ts'
import type { ItemGroup, Placed } from './item-groups.ts'
import {
  answeredMessage,
  encodeCall,
  encodeKept,
  encodePicture,
  isDecoded,
  messageBlocks,
  ownMessage,
  reportPart,
  sayablePart,
} from './items-encode.ts'
import { decodeLogprobs, shareLogprobs } from './logprobs.ts'
import { encodeForeignReasoning, encodeReasoning } from './reasoning.ts'

export interface AnswerContext {
  readonly ids: ItemIds
  /** Of the response. */
  readonly status: string
  readonly logprobs: readonly TokenLogprob[]
  readonly lost: Loss[]
}

export const partsPath = 'choices[0].content'

export function encodeAnswer(parts: readonly Part[], context: AnswerContext): JsonObject[] {
  const shares = sharesOf(parts, context.logprobs)
  const groups = groupItems(placed(parts).flatMap((each) => sayable(each, context.lost)))
  return groups.flatMap((group, index) => {
    // What the limit or a filter cut off is the last item.
    const cut = context.status === 'incomplete' && index === groups.length - 1
    const item = encodeGroup(group, index, cut ? 'incomplete' : 'completed', shares, context)
    return item === undefined ? [] : [item]
  })
}

/** What can be said of a part; nothing, with the loss reported, of one that this protocol has no place for. */
function sayable({ part, at }: Placed, lost: Loss[]): Placed[] {
  const path = joinPath(partsPath, at)
  const said = sayablePart(part, path, lost)
  if (said === undefined) reportPart(part, path, lost)
  return said === undefined ? [] : [{ part: said, at }]
}

/** The log probabilities of each text: as they came with it, or its share of the answer's. */
function sharesOf(parts: readonly Part[], all: readonly TokenLogprob[]): Map<Part, readonly TokenLogprob[]> {
  const texts = parts.filter((part) => part.type === 'text')
  if (all.length === 0 || texts.some((part) => decodeLogprobs(ownForm(part)?.['logprobs']).length > 0)) return new Map()
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
  if (part === undefined) return undefined
  if (kind === 'message') {
    const logprobs = parts.map((each) => shares.get(each) ?? [])
    const blocks = messageBlocks({ parts, paths, logprobs }, 'answer', lost)
    if (isDecoded(part)) return ownMessage(part, blocks, status)
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
      return encodeCall(part, part.id, answered)
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
