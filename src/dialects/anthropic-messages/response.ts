/** A complete message, both ways. This protocol has one answer to a request; further choices are reported as lost. */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { decodeBlock } from './blocks-decode.ts'
import { encodeParts } from './blocks-encode.ts'
import { carry, restore } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { decodeError } from './faults.ts'
import { decodeFinish, encodeFinish, saidIn } from './finish.ts'
import { asProviders, readList, readObject, readString } from './reading.ts'
import { decodeTier, decodeUsage, encodeUsage } from './usage.ts'

export const responseMembers: ReadonlySet<string> = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
])

export function decodeResponse(json: unknown): ChatResponse {
  if (isJsonObject(json) && json['type'] === 'error') throw decodeError(json)
  return asProviders(() => {
    const body = readObject(json, 'body')
    checkMessage(body)
    const finish = decodeFinish(body)
    const usage = decodeUsage(body['usage'])
    const tier = decodeTier(body['usage'])
    const parts = readList(body['content'], 'content').map((block, index) =>
      decodeBlock(block, joinPath('content', index), 'response'),
    )
    const details = finish === undefined && isJsonObject(body['stop_details']) ? body['stop_details'] : undefined
    return {
      id: readString(body['id'], 'id'),
      model: readString(body['model'], 'model'),
      choices: [{ index: 0, parts, ...(finish !== undefined && { finish }) }],
      ...(usage !== undefined && { usage }),
      ...(tier !== undefined && { serviceTier: tier }),
      ...carry(body, responseMembers, {
        rests: { stop_details: details },
        absent: ['stop_sequence', 'stop_reason'],
        form: usage === undefined ? { usage: 'absent' } : {},
      }),
    }
  })
}

/** Throws unless `body` is a message of the assistant. */
export function checkMessage(body: { readonly type?: unknown; readonly role?: unknown }): void {
  if (body.type !== 'message') throw malformed(`type must be "message", not ${JSON.stringify(body.type) ?? 'missing'}`)
  if (body.role !== 'assistant')
    throw malformed(`role must be "assistant", not ${JSON.stringify(body.role) ?? 'missing'}`)
}

export function malformed(what: string): Fault {
  return new Fault('provider_malformed', `The provider's answer is not of the Messages API: ${what}.`)
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const choice = response.choices.find(({ index }) => index === 0) ?? response.choices[0]
  for (const other of response.choices) if (other !== choice) reportChoice(other.index, lost)
  const parts = choice?.parts ?? []
  const content = encodeParts(parts, 'choices[0].content', { side: 'response', own: false, lost })
  const finish = encodeFinish(choice?.finish, saidIn(parts), 'choices[0]', lost)
  if (choice !== undefined) reportExtras(choice, lost)
  reportForeignExtra(response, dialectId, '', lost)
  const absent = response.usage === undefined && response.form?.[dialectId]?.['usage'] === 'absent'
  const json = restore(response, {
    id: response.id,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content,
    ...finish,
    ...(!absent && { usage: encodeUsage(response.usage, response.serviceTier, lost) }),
  })
  return { json, lost }
}

export function reportChoice(index: number, lost: Loss[]): void {
  lost.push({ path: joinPath('choices', index), kind: 'dropped', reason: 'there is one answer to a request here' })
}

function reportExtras(choice: Choice, lost: Loss[]): void {
  reportForeignExtra(choice, dialectId, 'choices[0]', lost)
  if (choice.logprobs !== undefined) reportLogprobs(lost)
}

export function reportLogprobs(lost: Loss[]): void {
  lost.push({ path: 'choices[0].logprobs', kind: 'dropped', reason: 'log probabilities have no place here' })
}
