/**
 * The conversation as Converse has it: instructions apart, then turns of user and assistant that alternate, the user's first, results
 * of tools at the beginning of the user's. Messages that this dialect decoded stay as they were, each for itself.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { MessagePlace } from '../../model/message-places.ts'
import { encodeBlocks, encodeMarked } from './blocks-encode.ts'
import type { BlockContext } from './blocks-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { DocumentNames } from './document-names.ts'
import { MemberWriter } from './members.ts'
import type { FamilyTraits } from './model-family.ts'
import { adapt, drop } from './report.ts'

export interface MessagesContext {
  /** The request was decoded by this dialect. */
  readonly own: boolean
  readonly model: FamilyTraits
  readonly lost: Loss[]
}

export interface EncodedMessages {
  readonly system?: JsonObject[]
  readonly messages: JsonObject[]
}

interface Placed extends MessagePlace {
  readonly message: Message
}

export function encodeMessages(messages: readonly Message[], context: MessagesContext): EncodedMessages {
  const names = new DocumentNames()
  const places = messagePlaces(messages)
  const placed = messages.map((message, index): Placed => ({
    message,
    ...(places[index] ?? { path: '', content: '' }),
  }))
  let leading = 0
  while (leading < placed.length && isLeading(placed[leading]?.message, context)) leading++
  // Somebody has to speak: of instructions alone, the last is what the user says.
  if (leading > 0 && leading === placed.length && !context.own) leading--
  const system = placed.slice(0, leading).flatMap((one) => encodeInstruction(one, names, context))
  const turns = new Turns(names, context)
  for (const one of placed.slice(leading)) turns.add(one)
  return { ...(system.length > 0 && { system }), messages: turns.finish() }
}

function isInstruction({ role }: Message): boolean {
  return role === 'system' || role === 'developer'
}

/** What stood in `system`, or comes before anybody has spoken. */
function isLeading(message: Message | undefined, { own }: MessagesContext): boolean {
  if (message === undefined) return false
  return own ? message.apart === 'system' : isInstruction(message)
}

function encodeInstruction(placed: Placed, names: DocumentNames, context: MessagesContext): JsonObject[] {
  const { message, path, content } = placed
  reportMessage(message, path, context.lost)
  const blocks: BlockContext = { side: 'request', own: isOwn(message), role: 'user', names, ...pick(context) }
  return message.parts.flatMap((part, index) => {
    const at = joinPath(content, index)
    if (part.type === 'text' || isOwn(part)) return encodeMarked(part, at, blocks)
    drop(context.lost, at, `instructions here are text, not ${part.type}`)
    return []
  })
}

const pick = ({ model, lost }: MessagesContext): Pick<MessagesContext, 'model' | 'lost'> => ({ model, lost })

function reportMessage(message: Message, path: string, lost: Loss[]): void {
  reportForeignExtra(message, dialectId, path, lost)
  if (message.name !== undefined) drop(lost, joinPath(path, 'name'), 'participants have no names here')
}

type Role = 'user' | 'assistant'

interface Turn {
  readonly role: Role
  readonly blocks: JsonObject[]
  /** What was said last stood in a message like this. */
  last: Message
}

class Turns {
  readonly #names: DocumentNames
  readonly #context: MessagesContext
  readonly #encoded: JsonObject[] = []
  #open: Turn | undefined

  constructor(names: DocumentNames, context: MessagesContext) {
    this.#names = names
    this.#context = context
  }

  add(placed: Placed): void {
    const { message, path, content } = placed
    const own = isOwn(message) && this.#context.own
    if (own) return this.#keep(placed)
    const instruction = isInstruction(message)
    if (!instruction) reportMessage(message, path, this.#context.lost)
    const role: Role = message.role === 'assistant' ? 'assistant' : 'user'
    // A message of the tool role is itself the result.
    const at = message.role === 'tool' && message.parts.length === 1 ? path : content
    const blocks = instruction ? this.#instruction(placed) : this.#blocks(message, at, role, false)
    // Nothing is left to say of a message whose every part was dropped, and empty ones are refused.
    if (blocks.length > 0) this.#say(role, blocks, placed)
  }

  #blocks(message: Message, content: string, role: Role, own: boolean): JsonObject[] {
    const context: BlockContext = { side: 'request', own, role, names: this.#names, ...pick(this.#context) }
    const [only] = message.parts
    return message.role === 'tool' && message.parts.length === 1 && only !== undefined
      ? encodeMarked(only, content, context)
      : encodeBlocks(message.parts, content, context)
  }

  /** As this dialect read it, and for itself. */
  #keep({ message, path, content }: Placed): void {
    this.#close()
    reportMessage(message, path, this.#context.lost)
    const writer = new MemberWriter(message)
    writer.set('role', message.role)
    writer.set('content', this.#blocks(message, content, message.role === 'assistant' ? 'assistant' : 'user', true))
    this.#encoded.push(writer.finish())
  }

  #instruction(placed: Placed): JsonObject[] {
    const { lost } = this.#context
    const alone = this.#open === undefined && this.#encoded.length === 0
    const blocks = encodeInstruction(placed, this.#names, this.#context)
    if (blocks.length === 0) return []
    adapt(
      lost,
      placed.path,
      alone
        ? 'there is no other message: the instruction is what the user says'
        : 'an instruction within the conversation is given as text of the user, marked as system',
    )
    if (alone) return blocks
    return blocks.map((block) =>
      typeof block['text'] === 'string' ? { ...block, text: `<system>\n${block['text']}\n</system>` } : block,
    )
  }

  #say(role: Role, blocks: JsonObject[], { message, path }: Placed): void {
    const open = this.#open
    if (open?.role === role) {
      // Results, and instructions that were told of already, belong to the user's turn as a matter of course.
      if (open.last.role === message.role && message.role !== 'tool' && !isInstruction(message))
        adapt(this.#context.lost, path, `turns alternate here: this one is joined with the ${role}'s before it`)
      open.blocks.push(...blocks)
      open.last = message
      return
    }
    this.#close()
    if (role === 'assistant' && this.#encoded.length === 0) {
      adapt(this.#context.lost, path, 'the user speaks first here: a word of the user is put before it')
      this.#encoded.push({ role: 'user', content: [{ text: 'Begin.' }] })
    }
    this.#open = { role, blocks: [...blocks], last: message }
  }

  #close(): void {
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    this.#encoded.push({ role: open.role, content: open.role === 'user' ? userContent(open.blocks) : open.blocks })
  }

  finish(): JsonObject[] {
    const { lost, own } = this.#context
    const last = this.#open
    if (last?.role === 'assistant' && !own) trimPrefill(last.blocks, lost)
    this.#close()
    return this.#encoded
  }
}

const isResult = (block: JsonObject): boolean => block['toolResult'] !== undefined

/** Results come first, each with its cache point; a document does not stand without text beside it. */
function userContent(blocks: readonly JsonObject[]): JsonObject[] {
  const results: JsonObject[] = []
  const others: JsonObject[] = []
  let into = others
  for (const block of blocks) {
    if (block['cachePoint'] === undefined) into = isResult(block) ? results : others
    into.push(block)
  }
  const bare =
    blocks.some((block) => block['document'] !== undefined) && !blocks.some((block) => block['text'] !== undefined)
  return [...results, ...others, ...(bare ? [{ text: 'The document is attached.' }] : [])]
}

/** An answer begun for the model may not end in white space. */
function trimPrefill(blocks: readonly JsonObject[], lost: Loss[]): void {
  const last = blocks.at(-1)
  const text = isJsonObject(last) ? last['text'] : undefined
  if (last === undefined || typeof text !== 'string' || text.trimEnd() === text) return
  last['text'] = text.trimEnd()
  adapt(lost, 'messages', 'white space at the end of a begun answer is refused here')
}
