/** The innermost stage: calls the route's deployments until one has an answer. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Decision } from '../../kernel/route.ts'
import type { Exchange, NativeContinuation } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Mirrors } from '../mirror/mirrors.ts'
import type { Stage } from '../../kernel/stage.ts'
import { runRounds } from '../attempt/rounds.ts'
import type { RoundsContext } from '../attempt/rounds.ts'
import { RoutingQuery } from '../routing-query.ts'

export function callProvider(context: RoundsContext, mirrors: Mirrors): Stage {
  const answer = (exchange: Exchange, decision: Decision): Promise<Reply> =>
    runRounds(exchange, rememberingFirst(decision, exchange.native), context)
  const call = (exchange: Exchange, decision: Decision): Promise<Reply> => {
    const shadows = decision.mirrors
    if (shadows === undefined) return answer(exchange, decision)
    return answer(exchange, decision).then((reply) => mirrors.behind(exchange, shadows, reply))
  }
  return {
    name: 'call-provider',
    run(exchange) {
      const decision = exchange.decision ?? exchange.route?.order(new RoutingQuery(exchange, context.clock)) ?? nowhere
      return decision instanceof Promise ? decision.then((made) => call(exchange, made)) : call(exchange, decision)
    },
  }
}

const nowhere: Decision = { targets: [] }

/** Who has the conversation in memory goes before all others, in whatever order a strategy put them. */
function rememberingFirst(decision: Decision, native: NativeContinuation | undefined): Decision {
  if (native === undefined) return decision
  const rank = ({ id, provider }: Deployment): number =>
    id === native.deployment ? 0 : provider === native.provider ? 1 : 2
  return { ...decision, targets: decision.targets.toSorted((a, b) => rank(a) - rank(b)) }
}
