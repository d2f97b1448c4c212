/** Answers of a knowledge base: a text, the passages that its pieces stand on, and whether a guardrail has stepped in. */
import { MemberReader } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { reportFinish, reportUsage, saidBy, textOfAnswer } from '../../kernel/codec/one-text/said.ts'
import { OneTextStreamEncoder } from '../../kernel/codec/one-text/stream-encoder.ts'
import type { Encoded } from '../../kernel/dialect.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { BinaryEventDecoder, eventBytes, faultBytes } from './binary-events.ts'
import { decodeCitations, encodeCitation } from './citations.ts'
import { knowledgeId } from './knowledge-request.ts'

export const knowledgeAnswer = 'an answer from a knowledge base'
export const decodeKnowledgeAnswer = answerDecoder(knowledgeAnswer, readAnswer)

const stepped = 'INTERVENED'

function decodeFinish(action: JsonValue | undefined): Finish {
  if (action === stepped) return { reason: 'content-filter', raw: stepped, origin: knowledgeId }
  return { reason: 'stop', ...(typeof action === 'string' && { raw: action }), origin: knowledgeId }
}

function encodeFinish(finish: Finish, lost: Loss[]): string | undefined {
  if (finish.origin === knowledgeId) return finish.raw
  if (finish.reason === 'content-filter') return stepped
  reportFinish(finish, 'choices[0]', knowledgeId, lost)
  return undefined
}

function readAnswer(json: JsonObject): ChatResponse {
  const reader = new MemberReader(knowledgeId, json, '')
  const text = reader.requiredNested('output').requiredString('text')
  const action = reader.string('guardrailAction')
  const listed = reader.take('citations')
  if (listed !== undefined) reader.note('citations', listed)
  const session = reader.take('sessionId')
  if (session !== undefined) reader.note('sessionId', session)
  const citations = decodeCitations(listed, knowledgeId)
  const said = text !== '' || citations.length > 0
  return {
    id: '',
    model: '',
    choices: [
      {
        index: 0,
        parts: said ? [{ type: 'text', text, ...(citations.length > 0 && { citations }) }] : [],
        finish: decodeFinish(action),
      },
    ],
    ...reader.node(),
  }
}

export function encodeKnowledgeAnswer(response: ChatResponse): Encoded {
  const lost: Loss[] = []
  const writer = new MemberWriter(knowledgeId, response)
  const citations: JsonValue[] = []
  const say = (part: Part, path: string): string => {
    if (part.type !== 'text') return saidBy(part, path, knowledgeId, lost)
    for (const [index, citation] of (part.citations ?? []).entries()) {
      const json = encodeCitation(citation, knowledgeId, joinPath(joinPath(path, 'citations'), index), lost)
      if (json !== undefined) citations.push(json)
    }
    return saidBy({ ...part, citations: [] }, path, knowledgeId, lost)
  }
  writer.set('output.text', textOfAnswer(response, knowledgeId, lost, say))
  writer.set('citations', writer.note('citations') ?? (citations.length > 0 ? citations : undefined))
  writer.set('sessionId', writer.note('sessionId'))
  const finish = response.choices[0]?.finish
  writer.set('guardrailAction', finish && encodeFinish(finish, lost))
  if (response.usage !== undefined) reportUsage(response.usage, knowledgeId, lost, { counts: false })
  return { json: writer.finish(), lost }
}

export const knowledgeDecoder = (): BinaryEventDecoder =>
  new BinaryEventDecoder(knowledgeId, (type, json, teller) => {
    const { text, citation, action } = json
    switch (type) {
      case 'output':
        if (typeof text === 'string') teller.say(text)
        return undefined
      case 'citation':
        // The event has the citation's members itself, and as a whole besides.
        for (const one of decodeCitations(
          [json['retrievedReferences'] === undefined ? (citation ?? {}) : json],
          knowledgeId,
        ))
          teller.cite(one)
        return undefined
      case 'guardrail':
        return decodeFinish(action)
      default:
        teller.opaque(type, json)
        return undefined
    }
  })

export const knowledgeEncoder = (): OneTextStreamEncoder =>
  new OneTextStreamEncoder({
    id: knowledgeId,
    start: () => eventBytes('output', { text: '' }),
    text: (text) => eventBytes('output', { text }),
    cite(citation, path, lost) {
      const json = encodeCitation(citation, knowledgeId, path, lost)
      return json === undefined ? '' : eventBytes('citation', json)
    },
    end({ finish, usage }, lost) {
      if (usage !== undefined) reportUsage(usage, knowledgeId, lost, { counts: false })
      const action = encodeFinish(finish, lost)
      return action === undefined ? '' : eventBytes('guardrail', { action })
    },
    fault: faultBytes,
    tellsFinish: true,
  })
