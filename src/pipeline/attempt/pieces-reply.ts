/** Makes the client's reply of a provider's vectors or verdicts, in whatever protocol they came, or notes those of a part of the request. */
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { BytesReply } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import { piecesOf } from '../../model/pieces.ts'
import type { PieceAnswer } from '../../model/pieces.ts'
import type { ImageResponse } from '../../model/image.ts'
import type { Usage } from '../../model/usage.ts'
import { countedInput } from '../input-estimate.ts'
import type { Prepared } from './outbound.ts'

const json = 'application/json'

/** What has one result for each input. */
export type InputAnswer = Exclude<PieceAnswer, ImageResponse>

/** Throws a Fault (`provider_malformed`) where there is not one for each input: nobody could tell whose they are. */
export function piecesReply(
  exchange: Exchange,
  { inputs }: Pick<Prepared, 'inputs'>,
  response: InputAnswer,
  facts: AnswerFacts,
  provider: string,
): BytesReply {
  const what = 'vectors' in response ? 'vectors' : 'verdicts'
  refuseOtherCount(inputs ?? exchange.head.inputs, piecesOf(response), what, provider)
  if (inputs !== undefined) return { kind: 'bytes', status: 200, contentType: json, bytes: '', facts, part: response }
  return wholeReply(exchange, response, facts)
}

/** Throws a Fault (`provider_malformed`) where there is not one result for each input that was counted. */
export function refuseOtherCount(
  wanted: number | undefined,
  given: number,
  what: 'vectors' | 'verdicts',
  provider: string,
): void {
  if (wanted === undefined || given === wanted) return
  throw new Fault(
    'provider_malformed',
    `${provider} left its protocol: it gave ${given} ${what} for ${wanted} inputs`,
    {
      upstream: { provider },
    },
  )
}

/** Protocols that must tell the usage are told the gateway's estimate where the provider has none: the one that is on record. */
export function wholeReply(exchange: Exchange, response: InputAnswer, facts: AnswerFacts): BytesReply {
  const usage = response.usage ?? estimatedUsage(countedInput(exchange))
  const { json: body, lost } = exchange.surface.dialect.response.encode(
    { ...response, usage },
    { model: facts.model ?? exchange.head.model, request: exchange.body.read(), answerId: exchange.id },
  )
  exchange.lost.push(...lost)
  return {
    kind: 'bytes',
    status: 200,
    contentType: json,
    bytes: JSON.stringify(body),
    facts: { ...facts, usage },
    ...(usage.estimated === true && { headers: { 'x-sluicegate-estimated': 'true' } }),
  }
}

export const estimatedUsage = (inputTokens: number): Usage => ({
  input: { total: inputTokens },
  output: { total: 0 },
  estimated: true,
})
