/** The innermost stage: calls the route's deployments until one has an answer. */
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
      return runRounds(exchange, targets, context)
    },
  }
}
