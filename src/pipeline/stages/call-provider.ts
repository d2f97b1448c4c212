/** The innermost stage: calls the route's deployments until one has an answer. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { NativeContinuation } from '../../kernel/exchange.ts'
import type { Stage } from '../../kernel/stage.ts'
import { runRounds } from '../attempt/rounds.ts'
import type { RoundsContext } from '../attempt/rounds.ts'

export function callProvider(context: RoundsContext): Stage {
  return {
    name: 'call-provider',
    run(exchange) {
      const targets =
        exchange.route?.order({
          model: exchange.head.model,
          keyId: exchange.key?.id,
          endUser: exchange.head.endUser,
        }) ?? []
      return runRounds(exchange, rememberingFirst(targets, exchange.native), context)
    },
  }
}

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
