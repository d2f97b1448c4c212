/**
 * A question of the gateway's own inside a client's exchange: another operation, asked of one deployment in canonical terms. It is an
 * attempt on the client's record; what it consumed is the client's to pay, whatever becomes of the answer.
 */
import { Body } from '../../kernel/body.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { AnyDialect, Deployment } from '../../kernel/deployment.ts'
import type { RequestHead } from '../../kernel/dialect.ts'
import { Exchange } from '../../kernel/exchange.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import type { EmbeddingRequest, EmbeddingResponse } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import type { Usage } from '../../model/usage.ts'
import type { Failure } from '../attempt/attempt-result.ts'
import { estimatedUsage } from '../attempt/pieces-reply.ts'
import { prepare } from '../attempt/outbound.ts'
import { attemptUntilFit } from '../attempt/until-fit.ts'
import { countedInput } from '../input-estimate.ts'

export interface InnerContext {
  /** The client's. */
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly clock: Clock
  /** Monotonic time at which the whole exchange must be over. */
  readonly deadlineAt: number
}

/** What it answered, and what each call of it took; or why it did not. */
export type InnerAnswer<Res> =
  | { readonly ok: true; readonly response: Res; readonly usages: readonly Usage[] }
  | Failure

interface Asked {
  readonly chat: readonly [request: ChatRequest, response: ChatResponse]
  readonly embed: readonly [request: EmbeddingRequest, response: EmbeddingResponse]
}

/** Throws a Fault where the target has no words for the question. */
export async function askInside<O extends keyof Asked>(
  { exchange, deployment, clock, deadlineAt }: InnerContext,
  operation: O,
  request: Asked[O][0],
): Promise<InnerAnswer<Asked[O][1]>> {
  let response: Asked[O][1] | undefined
  const canonical = inCanonicalTerms(operation, request, (answer) => {
    response = answer as Asked[O][1]
  })
  const inner = new Exchange({
    id: exchange.id,
    requestId: exchange.requestId,
    surface: { id: exchange.surface.id, operation, dialect: canonical },
    plan: exchange.plan,
    headers: {},
    at: exchange.at,
    startedAt: exchange.startedAt,
    receive: () => new Uint8Array(0),
  })
  inner.key = exchange.key
  inner.keepResidencyOf(exchange)
  inner.route = exchange.route
  inner.head = headOf(exchange.head.model, request)
  inner.body = new Body<unknown>(Buffer.from(JSON.stringify(request)), () => request)
  // One account of all attempts and losses: the client's.
  inner.attempts = exchange.attempts
  inner.lost = exchange.lost
  if (exchange.gone) throw new Fault('client_gone', 'The client closed the connection before the answer was complete.')
  const prepared = await prepare(inner, deployment, undefined)
  exchange.whenGone(() => inner.cancel())
  const result = await attemptUntilFit({ exchange: inner, deployment, prepared, clock, deadlineAt })
  exchange.whenGone(undefined)
  exchange.waited += inner.waited
  if (!result.ok) {
    exchange.unfit.push(...inner.unfit)
    const { verbatim: _, ...failure } = result
    return failure
  }
  exchange.lost.push(...prepared.lost)
  const { reply } = result
  if (response === undefined || reply.kind !== 'bytes')
    throw new Fault('internal_error', 'a question of the gateway was answered with something else')
  const usage = reply.facts?.usage ?? estimatedUsage(countedInput(inner))
  return { ok: true, response, usages: [...inner.unfit.map((one) => one.usage), usage] }
}

function headOf(model: string, request: ChatRequest | EmbeddingRequest): RequestHead {
  return { model, stream: false, ...('inputs' in request && { inputs: request.inputs.length }) }
}

/** The place of a client's dialect is taken by one that has no bytes: what it would encode is taken as it is. */
function inCanonicalTerms(
  operation: keyof Asked,
  request: Asked[keyof Asked][0],
  taken: (answer: unknown) => void,
): AnyDialect {
  return {
    id: 'canonical',
    operation,
    requestHeaders: [],
    mediaMarks: [],
    head: () => headOf(request.model, request),
    request: { decode: () => request, encode: () => ({ json: null, lost: [] }) },
    response: {
      decode: () => undefined,
      encode(answer) {
        taken(answer)
        return { json: null, lost: [] }
      },
    },
    fault: {
      decode: () => new Fault('internal_error', 'nobody answers here'),
      encode: () => ({ status: 500, json: null }),
    },
    facts: () => ({}),
  }
}
