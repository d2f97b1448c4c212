/**
 * The conversation as Google takes it. What this dialect decoded stays as it was. Of another's, instructions that lead go to
 * `systemInstruction`; turns alternate, so messages of one side become one content; results of functions come first in the turn
 * after their calls, and each names its function.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { MessagePlace } from '../../model/message-places.ts'
import type { Part } from '../../model/part.ts'
import { instructionMember } from './contents-decode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import type { ModelTraits } from './gemini-models.ts'
import { adapt, drop } from './losses.ts'
import { MemberWriter, writtenMany } from './members.ts'
import { encodeName } from './names.ts'
import { encodePart } from './parts-encode.ts'
import type { Outside, PartContext } from './parts-encode.ts'
import { placeholderSignature, placeSignatures } from './signatures.ts'

export interface EncodedConversation {
  readonly systemInstruction?: JsonValue
  readonly contents: JsonObject[]
}

interface Placed {
  readonly message: Message
  readonly place: MessagePlace
}

export function encodeConversation(
  messages: readonly Message[],
  own: boolean,
  traits: ModelTraits,
  lost: Loss[],
): EncodedConversation {
  const places = messagePlaces(messages)
  const placed = messages.map((message, index): Placed => ({
    message,
    place: places[index] ?? { path: 'messages', content: 'messages' },
  }))
  const names = namesOfCalls(messages)
  const context: PartContext = {
    side: 'request',
    nameOf: encodeName,
    calledName: (callId) => names.get(callId),
    mediaInResults: traits.mediaInResults,
    lost,
  }
  return own ? encodeOwn(placed, context) : encodeForeign(placed, context, traits)
}

function namesOfCalls(messages: readonly Message[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'tool-call') names.set(part.id, encodeName(part.name))
  return names
}

function encodeOwn(placed: readonly Placed[], context: PartContext): EncodedConversation {
  let systemInstruction: JsonObject | undefined
  const contents: JsonObject[] = []
  for (const { message, place } of placed) {
    const writer = new MemberWriter(message)
    writer.set('role', writer.note('role'))
    const parts = encodeParts(message, place, context)
    if (parts.length > 0) writer.set('parts', writtenMany(writer, 'parts', parts))
    const json = writer.finish()
    if (message.apart === undefined) contents.push(json)
    else systemInstruction = json
  }
  return { ...(systemInstruction !== undefined && { [instructionMember]: systemInstruction }), contents }
}

/** `unsigned`: the first call gets this signature if it has none. */
function encodeParts(
  { parts }: Pick<Message, 'parts'>,
  { content }: MessagePlace,
  context: PartContext,
  outside: Outside[] = [],
  unsigned?: string,
): JsonObject[] {
  const signedParts = placeSignatures(parts)
  const call = signedParts.find(({ part }) => part.type === 'tool-call')
  if (call !== undefined && unsigned !== undefined) call.signature ??= unsigned
  return signedParts.flatMap(({ part, index, signature }) => {
    if (isEmpty(part) && signature === undefined) return []
    const json = encodePart(part, signature, joinPath(content, index), context, outside)
    return json === undefined ? [] : [json]
  })
}

/** Google refuses empty texts, which other protocols send beside calls as a matter of course. */
function isEmpty(part: Part): boolean {
  return part.type === 'text' && part.text === '' && !isOwn(part)
}

const isInstruction = ({ message }: Placed): boolean => message.role === 'system' || message.role === 'developer'

function encodeForeign(placed: readonly Placed[], context: PartContext, traits: ModelTraits): EncodedConversation {
  for (const one of placed) reportMessage(one, context.lost)
  let leading = placed.findIndex((one) => !isInstruction(one))
  // Somebody has to speak: of instructions alone, the last is what the user says.
  const alone = leading === -1
  if (alone) leading = Math.max(0, placed.length - 1)
  const system = placed.slice(0, leading).flatMap((one) => instructionParts(one, context))
  const contents: JsonObject[] = []
  const rest = placed.slice(leading)
  let at = 0
  while (at < rest.length) {
    const model = rest[at]?.message.role === 'assistant'
    let end = at + 1
    while (end < rest.length && (rest[end]?.message.role === 'assistant') === model) end++
    const run = rest.slice(at, end)
    const parts = model
      ? run.flatMap((one) => encodeParts(one.message, one.place, context, [], unsignedCalls(traits)))
      : encodeUserSide(run, context, alone)
    append(contents, model ? 'model' : 'user', parts)
    at = end
  }
  return { ...(system.length > 0 && { [instructionMember]: { parts: system } }), contents }
}

/** Nothing is left to say of messages whose every part was dropped, and empty contents are refused. */
function append(contents: JsonObject[], role: 'user' | 'model', parts: JsonObject[]): void {
  const last = contents.at(-1)
  const before = last?.['role'] === role ? last['parts'] : undefined
  if (Array.isArray(before)) before.push(...parts)
  else if (parts.length > 0) contents.push({ role, parts })
}

function unsignedCalls({ signedCalls }: ModelTraits): string | undefined {
  return signedCalls ? placeholderSignature : undefined
}

function reportMessage({ message, place }: Placed, lost: Loss[]): void {
  reportForeignExtra(message, dialectId, place.path, lost)
  if (message.name !== undefined) drop(lost, joinPath(place.path, 'name'), `participants have no names in ${dialectId}`)
}

/** Results first, then what they could not hold, then all else that was said. */
function encodeUserSide(run: readonly Placed[], context: PartContext, alone: boolean): JsonObject[] {
  const results: JsonObject[] = []
  const said: JsonObject[] = []
  const outside: Outside[] = []
  for (const one of run) {
    const { message, place } = one
    if (isInstruction(one)) {
      said.push(...(alone ? instructionParts(one, context) : lateInstruction(one, context)))
      continue
    }
    const isOneResult = message.role === 'tool' && message.parts.length === 1
    const at = isOneResult ? { ...place, content: place.path } : place
    for (const [index, part] of message.parts.entries()) {
      if (isEmpty(part)) continue
      const path = isOneResult ? at.content : joinPath(at.content, index)
      const json = encodePart(part, undefined, path, context, outside)
      if (json !== undefined) (part.type === 'tool-result' ? results : said).push(json)
    }
  }
  return [...results, ...outside.flatMap((one) => encodeOutside(one, context)), ...said]
}

/** Media that have no place in a result, told whose they are. */
function encodeOutside({ callId, parts }: Outside, context: PartContext): JsonObject[] {
  const encoded = parts.flatMap(({ part, path }) => {
    const json = encodePart(part, undefined, path, context)
    if (json !== undefined)
      adapt(context.lost, path, `results of functions hold no such media in ${dialectId}; this is sent after them`)
    return json === undefined ? [] : [json]
  })
  return encoded.length === 0 ? [] : [{ text: `Content of the result of the function call ${callId}:` }, ...encoded]
}

/** Instructions are text; nothing else can stand there. */
function instructionParts({ message, place }: Placed, context: PartContext): JsonObject[] {
  return message.parts.flatMap((part, index) => {
    const path = joinPath(place.content, index)
    if (part.type !== 'text') {
      drop(context.lost, path, `instructions are text in ${dialectId}, not ${part.type}`)
      return []
    }
    const json = encodePart(part, undefined, path, context)
    return json === undefined || part.text === '' ? [] : [json]
  })
}

function lateInstruction(one: Placed, context: PartContext): JsonObject[] {
  adapt(
    context.lost,
    one.place.path,
    'an instruction within the conversation is given as text of the user, marked as system',
  )
  return instructionParts(one, context).map((json) => ({
    ...json,
    text: `<system>\n${typeof json['text'] === 'string' ? json['text'] : ''}\n</system>`,
  }))
}
