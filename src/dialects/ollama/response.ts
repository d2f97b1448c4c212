/** Complete answers of both kinds: one choice, its parts in a message or at the top, and the metrics beside it. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import * as answer from './answer.ts'
import { errorIn } from './faults.ts'
import type { Kind } from './kind.ts'
import { decodeSaid } from './said-decode.ts'
import { sort, writeSaid } from './said-encode.ts'

/** Throws a Fault: the provider's own error where it answered one with a status of success, else `provider_malformed`. */
export function decodeResponse(json: unknown, kind: Kind): ChatResponse {
  try {
    return readResponse(json, kind)
  } catch (error) {
    if (error instanceof Fault && error.code === 'invalid_request') {
      throw new Fault('provider_malformed', `The provider's answer is not of Ollama's protocol: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}

function readResponse(json: unknown, kind: Kind): ChatResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const fault = errorIn(json)
  if (fault !== undefined) throw fault
  const reader = new MemberReader(kind.id, json, '')
  const model = reader.string('model') ?? ''
  if (!reader.has('model')) reader.noteAbsent('model')
  const spelledTime = reader.peek('created_at')
  const created = answer.secondsOf(spelledTime)
  if (created !== undefined && spelledTime !== undefined) reader.note('createdAt', reader.take('created_at') ?? null)
  else reader.noteAbsent('created_at')
  const said = kind.message === '' ? reader : reader.requiredNested(kind.message)
  if (kind.message !== '') readRole(said)
  else if (!reader.has(kind.text)) throw wrongType(kind.text, 'a string', undefined)
  const parts = decodeSaid(said, kind, (call) => answer.callIdOf(spelledTime, call))
  const finish = readFinish(
    reader,
    parts.some(({ type }) => type === 'tool-call'),
    kind,
  )
  const usage = answer.decodeUsage((key) => reader.peek(key), kind)
  if (usage !== undefined) for (const key of answer.usageMembers) reader.take(key)
  const logprobs = answer.readLogprobs(reader)
  return {
    id: answer.idOf(spelledTime),
    model,
    ...(created !== undefined && { created }),
    choices: [
      {
        index: 0,
        parts,
        ...(finish !== undefined && { finish }),
        ...(logprobs !== undefined && { logprobs: { content: logprobs } }),
      },
    ],
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

function readRole(message: MemberReader): void {
  const role = message.take('role')
  if (role === undefined && !message.has('role')) message.noteAbsent('role')
  else if (role !== undefined && role !== 'assistant') message.note('role', role)
}

function readFinish(reader: MemberReader, calls: boolean, kind: Kind): Finish | undefined {
  const done = reader.boolean('done')
  const word = reader.string('done_reason')
  if (done === undefined && !reader.has('done')) reader.noteAbsent('done')
  if (done === false) reader.note('unfinished', true)
  return done === true || word !== undefined ? answer.decodeFinish(word, calls, kind) : undefined
}

export function encodeResponse(response: ChatResponse, context: EncodeContext, kind: Kind): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, kind.id, '', lost)
  const writer = new MemberWriter(kind.id, response)
  if (context.model !== '' || !(writer.wasAbsent('model') || writer.wasNull('model')))
    writer.set('model', context.model)
  if (!writer.wasAbsent('created_at'))
    writer.set('created_at', answer.createdAt(response.created, writer.note('createdAt')))
  const [choice] = response.choices
  writeChoice(writer, choice ?? { index: 0, parts: [] }, kind, lost)
  for (const { index } of response.choices.slice(1)) reportChoice(index, kind, lost)
  if (response.usage !== undefined) {
    const usage = answer.encodeUsage(response.usage, kind, lost)
    for (const key of Object.keys(usage)) writer.set(key, usage[key])
  }
  if (response.serviceTier !== undefined) reportTier(kind, lost)
  return { json: writer.finish(), lost }
}

function writeChoice(writer: MemberWriter, choice: Choice, kind: Kind, lost: Loss[]): void {
  const path = joinPath('choices', choice.index)
  reportForeignExtra(choice, kind.id, path, lost)
  if (kind.message !== '' && !(writer.wasAbsent('message.role') || writer.wasNull('message.role')))
    writer.set('message.role', writer.note('role') ?? 'assistant')
  const said = sort(choice.parts, 'answer', kind, joinPath(path, 'content'), lost)
  writeSaid(writer, said, { member: kind.message, text: kind.text, gap: '' })
  const { finish, logprobs } = choice
  if (!(writer.wasAbsent('done') || writer.wasNull('done'))) writer.set('done', writer.note('unfinished') !== true)
  writer.set('done_reason', finish && answer.encodeFinish(finish, kind, lost))
  if (logprobs?.content !== undefined)
    writer.set('logprobs', answer.spelledLogprobs(logprobs.content, writer.note('logprobs')))
  if (logprobs?.refusal !== undefined) answer.reportRefusalLogprobs(choice.index, kind, lost)
}

export function reportChoice(index: number, { id }: Kind, lost: Loss[]): void {
  drop(lost, joinPath('choices', index), `${id} has one answer to a request, and this is another`)
}

export function reportTier({ id }: Kind, lost: Loss[]): void {
  drop(lost, 'service_tier', `${id} has no service tiers`)
}

/** What metering reads of a complete answer. Throws a Fault (`provider_malformed`) when it is not of the protocol. */
export function readFacts(body: Body<ChatResponse>, kind: Kind): AnswerFacts {
  let said: unknown
  try {
    said = body.member(kind.message === '' ? kind.text : kind.message)
  } catch (error) {
    if (!(error instanceof Fault) || error.side === 'provider') throw error
    throw new Fault('provider_malformed', `The provider's answer is not a JSON object: ${error.message}`, {
      cause: error,
    })
  }
  const fault = errorIn({ error: body.member('error') as JsonValue | undefined })
  if (fault !== undefined) throw fault
  if (kind.message === '' ? said === undefined : !isJsonObject(said))
    throw new Fault(
      'provider_malformed',
      `The provider's answer is not of Ollama's protocol: it has no \`${kind.message === '' ? kind.text : kind.message}\`.`,
    )
  const calls = isJsonObject(said) ? said['tool_calls'] : undefined
  const model = body.member('model')
  const id = answer.idOf(body.member('created_at') as JsonValue | undefined)
  const usage = answer.decodeUsage((key) => body.member(key), kind)
  const word = body.member('done_reason')
  const finished = body.member('done') === true || typeof word === 'string'
  return {
    ...(id !== '' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(usage !== undefined && { usage }),
    ...(finished && {
      finish: answer.decodeFinish(
        typeof word === 'string' ? word : undefined,
        Array.isArray(calls) && calls.length > 0,
        kind,
      ),
    }),
  }
}
