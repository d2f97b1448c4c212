/**
 * Answers of an agent: events with pieces of text as bytes, each perhaps with the sources it stands on. A complete answer is the list of
 * them, as AWS's own SDKs give it. Traces and what the service says of the session mean nothing to a client of another protocol.
 */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { reportFinish, reportUsage, saidBy, textOfAnswer } from '../../kernel/codec/one-text/said.ts'
import { OneTextStreamEncoder } from '../../kernel/codec/one-text/stream-encoder.ts'
import type { Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Citation, Part } from '../../model/part.ts'
import { agentId } from './agent-request.ts'
import { BinaryEventDecoder, eventBytes, faultBytes } from './binary-events.ts'
import { decodeCitations, encodeCitation } from './citations.ts'

export const agentAnswer = 'an answer of an agent'
export const decodeAgentAnswer = answerDecoder(agentAnswer, readAnswer)

function readAnswer(json: JsonObject): ChatResponse {
  const reader = new MemberReader(agentId, json, '')
  const completion = reader.list('completion')
  if (completion === undefined) throw wrongType('completion', 'an array of events', completion)
  reader.note('completion', completion)
  for (const key of ['sessionId', 'contentType', 'memoryId']) {
    const value = reader.take(key)
    if (value !== undefined) reader.note(key, value)
  }
  const decoder = new TextDecoder()
  const citations: Citation[] = []
  const others: Part[] = []
  let text = ''
  for (const [index, event] of completion.entries()) {
    if (!isJsonObject(event)) throw wrongType(`completion[${index}]`, 'an object', event)
    refuseControl(event)
    const { chunk } = event
    if (isJsonObject(chunk)) {
      text += decoder.decode(bytesIn(chunk), { stream: true })
      citations.push(...citationsIn(chunk))
    } else if (event['trace'] === undefined) others.push({ type: 'opaque', origin: agentId, value: event })
  }
  text += decoder.decode()
  const said: Part[] =
    text === '' && citations.length === 0 ? [] : [{ type: 'text', text, ...(citations.length > 0 && { citations }) }]
  return {
    id: '',
    model: '',
    choices: [{ index: 0, parts: [...said, ...others], finish: { reason: 'stop', origin: agentId } }],
    ...reader.node(),
  }
}

function bytesIn({ bytes = '' }: JsonObject): Buffer {
  if (typeof bytes !== 'string') throw wrongType('chunk.bytes', 'base64', bytes)
  return Buffer.from(bytes, 'base64')
}

const citationsIn = ({ attribution }: JsonObject): Citation[] =>
  isJsonObject(attribution) ? decodeCitations(attribution['citations'], agentId) : []

/** An agent may leave its actions to its caller, which would have to answer in the same session with what came of them. */
function refuseControl(event: JsonObject): void {
  if (event['returnControl'] === undefined) return
  throw new Fault(
    'provider_rejected',
    'The agent leaves an action to its caller (returnControl), which cannot be done through the gateway: let the agent call a Lambda function.',
  )
}

export function encodeAgentAnswer(response: ChatResponse): Encoded {
  const lost: Loss[] = []
  const writer = new MemberWriter(agentId, response)
  const citations: JsonObject[] = []
  const say = (part: Part, path: string): string => {
    if (part.type === 'opaque' && part.origin === agentId) return ''
    if (part.type !== 'text') return saidBy(part, path, agentId, lost)
    for (const [index, citation] of (part.citations ?? []).entries()) {
      const json = encodeCitation(citation, agentId, joinPath(joinPath(path, 'citations'), index), lost)
      if (json !== undefined) citations.push(json)
    }
    return saidBy({ ...part, citations: [] }, path, agentId, lost)
  }
  const text = textOfAnswer(response, agentId, lost, say)
  writer.set('completion', writer.note('completion') ?? [{ chunk: chunkOf(text, citations) }])
  for (const key of ['sessionId', 'contentType', 'memoryId']) writer.set(key, writer.note(key))
  if (response.usage !== undefined) reportUsage(response.usage, agentId, lost, { counts: false })
  const finish = response.choices[0]?.finish
  if (finish !== undefined) reportFinish(finish, 'choices[0]', agentId, lost)
  return { json: writer.finish(), lost }
}

function chunkOf(text: string, citations: readonly JsonValue[]): JsonObject {
  return {
    bytes: Buffer.from(text).toString('base64'),
    ...(citations.length > 0 && { attribution: { citations: [...citations] } }),
  }
}

export function agentDecoder(): BinaryEventDecoder {
  const decoder = new TextDecoder()
  return new BinaryEventDecoder(agentId, (type, json, teller) => {
    refuseControl({ [type]: json })
    if (type === 'chunk') {
      teller.say(decoder.decode(bytesIn(json), { stream: true }))
      for (const citation of citationsIn(json)) teller.cite(citation)
    } else if (type !== 'trace') teller.opaque(type, json)
    return undefined
  })
}

export const agentEncoder = (): OneTextStreamEncoder =>
  new OneTextStreamEncoder({
    id: agentId,
    start: () => eventBytes('chunk', { bytes: '' }),
    text: (text) => eventBytes('chunk', chunkOf(text, [])),
    cite(citation, path, lost) {
      const json = encodeCitation(citation, agentId, path, lost)
      return json === undefined ? '' : eventBytes('chunk', chunkOf('', [json]))
    },
    end({ usage }, lost) {
      if (usage !== undefined) reportUsage(usage, agentId, lost, { counts: false })
      return ''
    },
    fault: faultBytes,
  })
