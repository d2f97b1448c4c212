/** Complete answers of both kinds, which have neither an id nor a model: a text, and beside it tokens or the history that it belongs to. */
import { MemberReader } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { reportFinish, reportUsage, textOfAnswer } from '../../kernel/codec/one-text/said.ts'
import type { Codec } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { errorWords } from './faults.ts'
import type { Kind } from './kind.ts'
import { isOwn } from './kind.ts'

export function responseCodec(kind: Kind): Codec<ChatResponse, ChatRequest> {
  return {
    decode: answerDecoder(kind.answer, (json) => read(json, kind)),
    encode(response) {
      const lost: Loss[] = []
      const writer = new MemberWriter(kind.id, response)
      writer.set(kind.text, textOfAnswer(response, kind.id, lost))
      if (response.usage !== undefined) writeUsage(writer, response.usage, kind, lost)
      if (isOwn(response, kind)) writer.set('history', writer.note('history'))
      const finish = response.choices[0]?.finish
      if (finish !== undefined) reportFinish(finish, 'choices[0]', kind.id, lost)
      return { json: writer.finish(), lost }
    },
  }
}

function read(json: JsonObject, kind: Kind): ChatResponse {
  const error = json[kind.text] === undefined ? errorWords(json).find((words) => typeof words === 'string') : undefined
  if (typeof error === 'string') throw new Fault('provider_error', error)
  const reader = new MemberReader(kind.id, json, '')
  const text = reader.requiredString(kind.text)
  const usage = kind.counts ? readUsage(reader, kind) : undefined
  // It repeats what the client has said and heard itself.
  const history = kind.counts ? undefined : reader.take('history')
  if (history !== undefined) reader.note('history', history)
  return {
    id: '',
    model: '',
    choices: [
      { index: 0, parts: text === '' ? [] : [{ type: 'text', text }], finish: { reason: 'stop', origin: kind.id } },
    ],
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

const counts = ['nb_input_tokens', 'nb_generated_tokens'] as const
const countOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

function readUsage(reader: MemberReader, { id }: Kind): Usage | undefined {
  const [input, output] = counts.map((key) => countOf(reader.peek(key)))
  if (input === undefined && output === undefined) return undefined
  const raw: JsonObject = {}
  for (const key of counts) {
    const value = reader.take(key)
    if (value !== undefined) raw[key] = value
  }
  return { input: { total: input ?? 0 }, output: { total: output ?? 0 }, raw: { [id]: raw } }
}

function writeUsage(writer: MemberWriter, usage: Usage, { id, counts: has }: Kind, lost: Loss[]): void {
  const raw = usage.raw?.[id]
  if (raw === undefined) reportUsage(usage, id, lost, { counts: has })
  if (!has) return
  const told = raw ?? { nb_input_tokens: usage.input.total, nb_generated_tokens: usage.output.total }
  for (const key of counts) writer.set(key, told[key])
}
