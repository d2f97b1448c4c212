/**
 * Content blocks of a stream to parts. Only some kinds of blocks announce themselves; text, reasoning and citations are known by their
 * first delta. Kinds whose deltas the canonical model has no place for are put together and passed on whole.
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { decodeBlock } from './blocks-decode.ts'
import { decodeCitation } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { malformed } from './response.ts'

type Kind = 'text' | 'reasoning' | 'toolUse' | 'toolResult' | 'image'

interface OpenBlock {
  readonly kind: Kind
  /** Position of its part; a block that is put together gets one when it ends. */
  readonly part: number | undefined
  /** Of a call: whether any input has come. Of redacted reasoning: what has. */
  grown: boolean
  redacted: string
  /** A block that is put together, as its plain answer has it. */
  held: JsonObject
}

export class BlockDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #open = new Map<number, OpenBlock>()
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
      this.#hold(index, 'toolResult', { toolResult: { ...toolResult, content: [] } })
    } else if (isJsonObject(image)) this.#hold(index, 'image', { image })
    else return Object.keys(start).length === 0
    return true
  }

  #begin(index: number, kind: Kind, value: Part): OpenBlock {
    const part = this.#parts++
    const block: OpenBlock = { kind, part, grown: false, redacted: '', held: {} }
    this.#open.set(index, block)
    this.#emit({ type: 'part-start', choice: 0, part, value })
    return block
  }

  #hold(index: number, kind: Kind, held: JsonObject): void {
    this.#open.set(index, { kind, part: undefined, grown: false, redacted: '', held })
  }

  /** The open block of the kind; a block that turns out to be of another kind ends, and one begins in its place. */
  #of(index: number, kind: Kind, first: Part): OpenBlock {
    const block = this.#open.get(index)
    if (block?.kind === kind) return block
    this.#close(index)
    return this.#begin(index, kind, first)
  }

  #grow(block: OpenBlock, change: Omit<PartDelta, 'type' | 'choice' | 'part'>): void {
    if (block.part !== undefined) this.#emit({ type: 'part-delta', choice: 0, part: block.part, ...change })
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
    else if (isJsonObject(image)) this.#image(index, image)
    else return Object.keys(delta).length === 0
    return true
  }

  #reasoning(index: number, content: JsonObject): boolean {
    const { text, signature, redactedContent } = content
    if (typeof redactedContent === 'string') {
      const before = this.#open.get(index)
      const block =
        before?.kind === 'reasoning' && before.redacted !== ''
          ? before
          : (this.#close(index), this.#begin(index, 'reasoning', { ...emptyReasoning, encrypted: redactedContent }))
      if (block === before) this.#grow(block, { encrypted: joinedBase64(block.redacted, redactedContent) })
      block.redacted = joinedBase64(block.redacted, redactedContent)
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
    const block = this.#open.get(index)
    const result = block?.held['toolResult']
    if (block === undefined || !isJsonObject(result))
      throw malformed(`a result belongs to block ${index}, which is none`)
    const before = Array.isArray(result['content']) ? result['content'] : []
    block.held = { toolResult: { ...result, content: [...before, ...pieces] } }
  }

  #image(index: number, piece: JsonObject): void {
    let block = this.#open.get(index)
    if (block?.kind !== 'image') {
      this.#close(index)
      this.#hold(index, 'image', { image: {} })
      block = this.#open.get(index)
    }
    if (block === undefined || !isJsonObject(block.held['image'])) return
    const { image } = block.held
    const bytes = joinedBase64(bytesOf(image['source']), bytesOf(piece['source']))
    block.held = { image: { ...image, ...piece, ...(bytes !== '' && { source: { bytes } }) } }
  }

  #close(index: number): void {
    const block = this.#open.get(index)
    if (block === undefined) return
    this.#open.delete(index)
    if (block.part !== undefined) {
      // A call without input has an empty object of it.
      if (block.kind === 'toolUse' && !block.grown) this.#grow(block, { text: '{}' })
      this.#emit({ type: 'part-end', choice: 0, part: block.part })
      return
    }
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, value: decodeBlock(block.held, 'content', 'answer') })
    this.#emit({ type: 'part-end', choice: 0, part })
  }
}

const own = { form: { [dialectId]: {} } }
const emptyText: Part = { type: 'text', text: '', ...own }
const emptyReasoning = { type: 'reasoning', text: '', origin: dialectId, ...own } as const

function bytesOf(source: JsonValue | undefined): string {
  return isJsonObject(source) && typeof source['bytes'] === 'string' ? source['bytes'] : ''
}

/** Pieces of a blob, each base64 for itself. */
function joinedBase64(before: string, piece: string): string {
  if (before === '') return piece
  return Buffer.concat([Buffer.from(before, 'base64'), Buffer.from(piece, 'base64')]).toString('base64')
}
