/**
 * Serves an operation that a model does not have by asking it for something else, as the configuration says: ranks by vectors or by the
 * marks of a judge, moderation by Llama Guard or a judge. For the rounds it is one target like any other, which answers or fails.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment, StandIn } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { Fault } from '../../model/fault.ts'
import { drop, joinPath } from '../../model/loss.ts'
import type { ModerationRequest, ModerationResponse, ModerationResult } from '../../model/moderation.ts'
import type { RerankRequest, RerankResponse, RerankResult } from '../../model/rerank.ts'
import type { Usage } from '../../model/usage.ts'
import type { AttemptResult, Failure } from '../attempt/attempt-result.ts'
import { Accounts } from './accounts.ts'
import type { InnerContext } from './inner-call.ts'
import { moderateByJudge } from './moderate-by-judge.ts'
import { moderateByLlamaGuard } from './moderate-by-llama-guard.ts'
import { rankByEmbeddings } from './rank-by-embeddings.ts'
import { rankByJudge } from './rank-by-judge.ts'

type Answer = RerankResponse | ModerationResponse

export interface StandInInput {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly standIn: StandIn
  readonly clock: Clock
  readonly deadlineAt: number
}

/** Throws a Fault where the request is nothing that it could stand in for. */
export async function attemptStandIn({ deployment, standIn, ...input }: StandInInput): Promise<AttemptResult> {
  const { exchange } = input
  const accounts = new Accounts(exchange, deployment)
  const context: InnerContext = { ...input, deployment: standIn.deployment }
  try {
    const results =
      standIn.operation === 'rerank'
        ? await rank(context, standIn, exchange.body.read() as RerankRequest, accounts)
        : await moderate(context, standIn, exchange.body.read() as ModerationRequest, accounts)
    if (!Array.isArray(results)) return results
    const { own, all } = accounts.close()
    return answered(exchange, { model: '', results, ...(all !== undefined && { usage: all }) } as Answer, own)
  } finally {
    accounts.giveUp()
  }
}

function rank(
  context: InnerContext,
  { by, batch }: StandIn,
  request: RerankRequest,
  accounts: Accounts,
): Promise<RerankResult[] | Failure> {
  const { query } = request
  const texts = request.documents.map((document, index) => {
    if (document.type === 'text') return document.text
    const path = joinPath('documents', index)
    throw new Fault('not_expressible', `${path} is not a text, and nothing else can be ranked here.`, { param: path })
  })
  if (request.maxTokensPerDocument !== undefined)
    drop(context.exchange.lost, 'max_tokens_per_doc', 'documents are taken whole, or as long as the model takes them')
  return by === 'embeddings'
    ? rankByEmbeddings(context, query, texts, accounts)
    : rankByJudge(context, { query, texts, batch }, accounts)
}

async function moderate(
  context: InnerContext,
  { by }: StandIn,
  { inputs }: ModerationRequest,
  accounts: Accounts,
): Promise<ModerationResult[] | Failure> {
  const results: ModerationResult[] = []
  const judge = by === 'llama-guard' ? moderateByLlamaGuard : moderateByJudge
  for (const input of inputs) {
    const result = await judge(context, input, accounts)
    if ('ok' in result) return result
    results.push(result)
  }
  return results
}

function answered(
  exchange: Exchange,
  response: Answer,
  usage: Usage | undefined,
): Extract<AttemptResult, { ok: true }> {
  const { json, lost } = exchange.surface.dialect.response.encode(response, {
    model: exchange.head.model,
    request: exchange.body.read(),
    answerId: exchange.id,
  })
  exchange.lost.push(...lost)
  return {
    ok: true,
    reply: {
      kind: 'bytes',
      status: 200,
      contentType: 'application/json',
      bytes: JSON.stringify(json),
      facts: usage === undefined ? {} : { usage },
    },
  }
}
