/**
 * Content blocks of a stream to parts. Only some kinds of blocks announce themselves; text, reasoning and citations are known by their
 * first delta. Kinds whose deltas the canonical model has no place for are put together and passed on whole.
 */
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { decodeBlock } from './blocks-decode.ts'
import { decodeCitation } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { malformed } from './response.ts'

/** A block whose part grows with each delta. */
interface GrowingBlock {
  readonly kind: 'text' | 'reasoning' | 'toolUse'
  readonly part: number
  /** Of a call: whether any input has come. */
  grown: boolean
}

/** A block that is put together, and becomes a part when it ends. */
interface HeldBlock {
  readonly kind: 'redacted' | 'toolResult' | 'image'
  /** Members that were told, without those that grow. */
  readonly members: JsonObject
  /** What has come of redacted reasoning and of an image, base64 each for itself, and of a result's content. */
  readonly pieces: JsonValue[]
}

export class BlockDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #open = new Map<number, GrowingBlock | HeldBlock>()
  #parts = 0

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
  }

  take(event: 'contentBlockStart' | 'contentBlockDelta' | 'contentBlockStop', json: JsonObject): void {
    const { contentBlockIndex: told } = json
    const index = typeof told === 'number' && Number.isSafeInteger(told) && told >= 0 ? told : 0
    if (event === 'contentBlockStop') return this.#close(index)
    const member = event === 'contentBlockStart' ? 'start' : 'delta'
    const content = json[member] ?? {}
    if (!isJsonObject(content)) throw wrongType(member, 'an object', content)
    const known = member === 'start' ? this.#start(index, content) : this.#delta(index, content)
    if (!known) this.#emit({ type: 'opaque-event', origin: dialectId, event, value: json })
  }

  closeAll(): void {
    for (const index of this.#open.keys()) this.#close(index)
  }

  /** False for a kind of block that is not known. */
  #start(index: number, start: JsonObject): boolean {
    const { toolUse, toolResult, image } = start
    this.#close(index)
    if (isJsonObject(toolUse)) {
      const value = decodeBlock({ toolUse: { ...toolUse, input: {} } }, 'start', 'answer')
      if (value.type !== 'tool-call' && value.type !== 'server-tool-call') throw malformed('a call in it is none')
      this.#begin(index, 'toolUse', { ...value, arguments: '' })
    } else if (isJsonObject(toolResult)) {
      this.#hold(index, 'toolResult', toolResult)
    } else if (isJsonObject(image)) this.#addImage(this.#hold(index, 'image', {}), image)
    else return Object.keys(start).length === 0
    return true
  }

  #begin(index: number, kind: GrowingBlock['kind'], value: Part): GrowingBlock {
    const part = this.#parts++
    const block: GrowingBlock = { kind, part, grown: false }
    this.#open.set(index, block)
    this.#emit({ type: 'part-start', choice: 0, part, value })
    return block
  }

  #hold(index: number, kind: HeldBlock['kind'], told: JsonObject): HeldBlock {
    this.#close(index)
    const block: HeldBlock = { kind, members: { ...told }, pieces: [] }
    this.#open.set(index, block)
    return block
  }

  /** The open block of the kind; a block that turns out to be of another kind ends, and one begins in its place. */
  #of(index: number, kind: 'text' | 'reasoning', first: Part): GrowingBlock {
    const block = this.#open.get(index)
    if (block?.kind === kind) return block
    this.#close(index)
    return this.#begin(index, kind, first)
  }

  #grow({ part }: GrowingBlock, change: Omit<PartDelta, 'type' | 'choice' | 'part'>): void {
    this.#emit({ type: 'part-delta', choice: 0, part, ...change })
  }

  #held(index: number, kind: HeldBlock['kind']): HeldBlock | undefined {
    const block = this.#open.get(index)
    return block !== undefined && 'pieces' in block && block.kind === kind ? block : undefined
  }

  /** False for a kind of delta that is not known. */
  #delta(index: number, delta: JsonObject): boolean {
    const { text, reasoningContent, toolUse, citation, toolResult, image } = delta
    if (typeof text === 'string') this.#grow(this.#of(index, 'text', emptyText), { text })
    else if (isJsonObject(citation)) {
      this.#grow(this.#of(index, 'text', emptyText), { citation: decodeCitation(citation) })
    } else if (isJsonObject(reasoningContent)) return this.#reasoning(index, reasoningContent)
    else if (isJsonObject(toolUse)) this.#input(index, toolUse['input'])
    else if (Array.isArray(toolResult)) this.#result(index, toolResult)
    else if (isJsonObject(image)) this.#addImage(this.#held(index, 'image') ?? this.#hold(index, 'image', {}), image)
    else return Object.keys(delta).length === 0
    return true
  }

  #reasoning(index: number, content: JsonObject): boolean {
    const { text, signature, redactedContent } = content
    if (typeof redactedContent === 'string') {
      const block = this.#held(index, 'redacted') ?? this.#hold(index, 'redacted', {})
      block.pieces.push(redactedContent)
      return true
    }
    const block = this.#of(index, 'reasoning', emptyReasoning)
    if (typeof text === 'string') this.#grow(block, { text })
    else if (typeof signature === 'string') this.#grow(block, { signature })
    else return false
    return true
  }

  #input(index: number, input: JsonValue | undefined): void {
    const block = this.#open.get(index)
    if (block?.kind !== 'toolUse') throw malformed(`input of a call belongs to block ${index}, which is none`)
    if (typeof input !== 'string') throw wrongType('delta.toolUse.input', 'a string', input)
    if (input === '') return
    block.grown = true
    this.#grow(block, { text: input })
  }

  #result(index: number, pieces: readonly JsonValue[]): void {
    const block = this.#held(index, 'toolResult')
    if (block === undefined) throw malformed(`a result belongs to block ${index}, which is none`)
    for (const piece of pieces) block.pieces.push(piece)
  }

  /** Its source grows, and whatever else is told is told for all of it. */
  #addImage({ members, pieces }: HeldBlock, told: JsonObject): void {
    for (const key of Object.keys(told)) {
      const value = told[key]
      const bytes = key === 'source' && isJsonObject(value) ? value['bytes'] : undefined
      if (typeof bytes === 'string') pieces.push(bytes)
      else if (value !== undefined) define(members, key, value)
    }
  }

  #close(index: number): void {
    const block = this.#open.get(index)
    if (block === undefined) return
    this.#open.delete(index)
    if ('part' in block) {
      // A call without input has an empty object of it.
      if (block.kind === 'toolUse' && !block.grown) this.#grow(block, { text: '{}' })
      this.#emit({ type: 'part-end', choice: 0, part: block.part })
      return
    }
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, value: decodeBlock(wholeOf(block), 'content', 'answer') })
    this.#emit({ type: 'part-end', choice: 0, part })
  }
}

const own = { form: { [dialectId]: {} } }
const emptyText: Part = { type: 'text', text: '', ...own }
const emptyReasoning = { type: 'reasoning', text: '', origin: dialectId, ...own } as const

/** The block as a plain answer has it. */
function wholeOf({ kind, members, pieces }: HeldBlock): JsonObject {
  switch (kind) {
    case 'toolResult':
      return { toolResult: { ...members, content: pieces } }
    case 'redacted':
      return { reasoningContent: { redactedContent: joinedBase64(pieces) } }
    case 'image':
      return { image: pieces.length === 0 ? members : { ...members, source: { bytes: joinedBase64(pieces) } } }
  }
}

/** Pieces of a blob, each base64 for itself. */
function joinedBase64(pieces: readonly JsonValue[]): string {
  const texts = pieces.filter((piece) => typeof piece === 'string')
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return only
  return Buffer.concat(texts.map((text) => Buffer.from(text, 'base64'))).toString('base64')
}
