/** The innermost stage: calls the route's deployments until one has an answer. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Decision } from '../../kernel/route.ts'
import type { Exchange, NativeContinuation } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { runRounds } from '../attempt/rounds.ts'
import type { RoundsContext } from '../attempt/rounds.ts'
import { RoutingQuery } from '../routing-query.ts'

export function callProvider(context: RoundsContext): Stage {
  const call = (exchange: Exchange, { targets }: Decision): Promise<Reply> =>
    runRounds(exchange, rememberingFirst(targets, exchange.native), context)
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
function rememberingFirst(
  targets: readonly Deployment[],
  native: NativeContinuation | undefined,
): readonly Deployment[] {
  if (native === undefined) return targets
  const rank = ({ id, provider }: Deployment): number =>
    id === native.deployment ? 0 : provider === native.provider ? 1 : 2
  return targets.toSorted((a, b) => rank(a) - rank(b))
}
