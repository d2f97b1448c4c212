/** Complete answers: a prediction that has succeeded. What it says is one text, or the pieces of one. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { reportFinish, textOfAnswer } from '../../kernel/codec/one-text/said.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { carried, decodeUsage, encodeUsage, ownAffairs, secondsOf, throwIfFailed, timeOf } from './prediction.ts'

export const whatItIs = 'a prediction of Replicate'
export const decodeResponse = answerDecoder(whatItIs, readResponse)

function readResponse(json: JsonObject): ChatResponse {
  throwIfFailed(json)
  const reader = new MemberReader(dialectId, json, '')
  const id = reader.requiredString('id')
  const model = reader.string('model') ?? ''
  if (!reader.has('model')) reader.noteAbsent('model')
  const spelledTime = reader.peek('created_at')
  const created = secondsOf(spelledTime)
  if (created !== undefined && spelledTime !== undefined) reader.note('createdAt', reader.take('created_at') ?? null)
  else reader.noteAbsent('created_at')
  const text = readOutput(reader)
  const usage = decodeUsage(reader.peek('metrics'))
  const metrics = reader.take('metrics')
  if (usage === undefined && metrics !== undefined) reader.note('metrics', metrics)
  if (reader.peek('error') === null) reader.take('error')
  for (const key of ownAffairs) {
    const value = reader.take(key)
    if (value !== undefined) reader.note(key, value)
  }
  return {
    id,
    model,
    ...(created !== undefined && { created }),
    choices: [
      { index: 0, parts: text === '' ? [] : [{ type: 'text', text }], finish: { reason: 'stop', origin: dialectId } },
    ],
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

function readOutput(reader: MemberReader): string {
  const output = reader.take('output')
  if (output === undefined) {
    if (!reader.has('output')) reader.noteAbsent('output')
    return ''
  }
  if (!Array.isArray(output)) {
    if (typeof output !== 'string') throw wrongType('output', 'a text, or a list of texts', output)
    return output
  }
  reader.note('pieces', output)
  return joinedPieces(output)
}

export function joinedPieces(output: readonly JsonValue[]): string {
  return output
    .map((piece, index) => {
      if (typeof piece !== 'string') throw wrongType(`output[${index}]`, 'a text', piece)
      return piece
    })
    .join('')
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const writer = new MemberWriter(dialectId, response)
  const own = isOwn(response)
  writer.set('id', response.id)
  if (context.model !== '' || !(writer.wasAbsent('model') || writer.wasNull('model')))
    writer.set('model', context.model)
  const said = textOfAnswer(response, dialectId, lost)
  const text = own ? said : carried(said, lost)
  const pieces = writer.note('pieces')
  const spelled = Array.isArray(pieces) && joinedPieces(pieces) === text ? pieces : text
  if (text !== '' || !(writer.wasAbsent('output') || writer.wasNull('output'))) writer.set('output', spelled)
  writer.set('status', own ? writer.note('status') : 'succeeded')
  if (!writer.wasAbsent('created_at')) writer.set('created_at', timeOf(response.created, writer.note('createdAt')))
  writer.set('metrics', response.usage === undefined ? writer.note('metrics') : encodeUsage(response.usage, lost))
  for (const key of ownAffairs) if (key !== 'status') writer.set(key, writer.note(key))
  const finish = response.choices[0]?.finish
  if (finish !== undefined) reportFinish(finish, 'choices[0]', dialectId, lost)
  return { json: writer.finish(), lost }
}
