/** Candidates, both ways: what a choice is here. */
import type { Choice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { answerPrefix, callIds } from './call-ids.ts'
import { GroundingWriter, withCitations } from './citations.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { callsTools, decodeFinish, encodeFinish } from './finish.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'
import { drop } from './losses.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { decodeParts } from './parts-decode.ts'
import { encodePart } from './parts-encode.ts'
import type { PartContext } from './parts-encode.ts'
import { decodeVerdict, encodeVerdict } from './safety.ts'
import { placeSignatures } from './signatures.ts'

export interface DecodedCandidate {
  readonly choice: Choice
  readonly verdict: SafetyVerdict | undefined
}

export function decodeCandidate(json: JsonValue, position: number, responseId: string): DecodedCandidate {
  const path = joinPath('candidates', position)
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(json, path)
  const told = reader.integer('index', 0)
  if (told === undefined && !reader.has('index')) reader.noteAbsent('index')
  const index = told ?? position
  const content = reader.nested('content')
  if (content === undefined && !reader.has('content')) reader.noteAbsent('content')
  const role = content?.string('role')
  if (content !== undefined && role === undefined && !content.has('role')) content.noteAbsent('role')
  if (role !== undefined && role !== 'model') reader.note('role', role)
  const list = content?.list('parts') ?? []
  const parts = decodeParts(list, `${path}.content.parts`, callIds(answerPrefix(responseId, index)))
  const word = reader.string('finishReason')
  const message = reader.take('finishMessage')
  const finish = word === undefined ? undefined : decodeFinish(word, callsTools(parts), message)
  if (finish?.details === undefined && message !== undefined) reader.note('finishMessage', message)
  const verdict = decodeVerdict(reader.list('safetyRatings'), index, word)
  const logprobs = decodeLogprobs(reader.peek('logprobsResult'))
  if (logprobs !== undefined) reader.note('logprobs', reader.take('logprobsResult') ?? null)
  const choice: Choice = {
    index,
    parts: withCitations(parts, json),
    ...(finish !== undefined && { finish }),
    ...(logprobs !== undefined && { logprobs }),
    ...reader.node(),
  }
  return { choice, verdict }
}

/** What parts of an answer are encoded with. */
export function answerContext(lost: Loss[]): PartContext {
  return { side: 'response', nameOf: (name) => name, calledName: () => undefined, mediaInResults: true, lost }
}

/** As `encodePart`, but for what only requests have a place for. */
export function encodeAnswerPart(
  part: Part,
  signature: string | undefined,
  path: string,
  context: PartContext,
): JsonObject | undefined {
  if (part.type === 'tool-result')
    return drop(context.lost, path, `${dialectId} answers have no results of the client's functions`)
  return encodePart(part, signature, path, context)
}

export function encodeCandidate(
  choice: Choice,
  position: number,
  verdict: SafetyVerdict | undefined,
  lost: Loss[],
): JsonObject {
  const path = joinPath('choices', position)
  reportForeignExtra(choice, dialectId, path, lost)
  const writer = new MemberWriter(choice)
  const own = isOwn(choice)
  const grounding = new GroundingWriter()
  const context = answerContext(lost)
  const parts: JsonObject[] = []
  for (const { part, index, signature } of placeSignatures(choice.parts)) {
    const json = encodeAnswerPart(part, signature, joinPath(joinPath(path, 'content'), index), context)
    if (json === undefined) continue
    if (part.type === 'text')
      for (const citation of part.citations ?? []) grounding.add(citation, part.text, parts.length)
    parts.push(json)
  }
  if (parts.length > 0) writer.set('content.parts', parts)
  if (!unsaid(writer, 'content') && !unsaid(writer, 'content.role'))
    writer.set('content.role', writer.note('role') ?? 'model')
  if (choice.finish !== undefined) {
    const { finishReason, finishMessage } = encodeFinish(choice.finish, path, lost)
    writer.set('finishReason', finishReason)
    writer.set('finishMessage', finishMessage)
  } else if (!own) writer.set('finishReason', 'STOP')
  writer.set('finishMessage', writer.note('finishMessage'))
  if (verdict !== undefined) writer.set('safetyRatings', encodeVerdict(verdict, path, lost))
  writer.set('groundingMetadata', grounding.finish())
  if (choice.logprobs !== undefined) writeLogprobs(writer, choice.logprobs, path, lost)
  if (!unsaid(writer, 'index') || choice.index !== position) writer.set('index', choice.index)
  return writer.finish()
}

function unsaid(writer: MemberWriter, path: string): boolean {
  return writer.wasAbsent(path) || writer.wasNull(path)
}

function writeLogprobs(
  writer: MemberWriter,
  logprobs: NonNullable<Choice['logprobs']>,
  path: string,
  lost: Loss[],
): void {
  if (logprobs.refusal !== undefined)
    drop(lost, joinPath(path, 'logprobs.refusal'), `${dialectId} tells no log probabilities of refusals`)
  writer.set('logprobsResult', encodeLogprobs(logprobs, writer.note('logprobs')))
}
