/**
 * Lets a request for a provider's own path in: whether the key may send such requests and the configuration lets the path pass, then
 * the body, and what of it can be metered. Its model, where it names one, has the price; the body itself is not changed.
 */
import { Body } from '../../kernel/body.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MeteredPath, Passage } from '../../kernel/passage.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { KeyPolicy } from '../../model/key.ts'
import { matchesAny } from '../name-pattern.ts'
import { requireAnyWithin } from '../within-residency.ts'
import { countTurns } from './receive.ts'

export const openPassage: Stage = {
  name: 'open-passage',
  async run(exchange, next) {
    const { passage } = exchange
    if (passage === undefined) throw new TypeError('the exchange is not for a path of a provider')
    checkAllowed(exchange, passage)
    const { target, place } = passage
    if (place.metered === undefined) {
      exchange.route = target.route(undefined)
    } else {
      await receive(exchange, place.metered)
      exchange.route = target.route(exchange.head.model)
    }
    requireAnyWithin(exchange, exchange.route)
    // Awaited, because a promise that an async function merely returns goes round the queue three times more.
    return await next()
  },
}

/**
 * A body that is passed through can name any model, file or job that the gateway's credential can reach. So it is not enough that a
 * key may use some models of a provider: it must be allowed all of them.
 */
function mayPassThrough(policy: KeyPolicy, provider: string): boolean {
  return matchesAny(policy.models, `${provider}/*`)
}

function checkAllowed({ key }: Exchange, { target: { provider }, place, method }: Passage): void {
  if (key !== undefined && !mayPassThrough(key.policy, provider))
    throw new Fault(
      'pass_through_not_allowed',
      `The key "${key.name}" may not use ${provider}'s own paths: its \`models\` would have to hold "${provider}/*".`,
    )
  if (!place.permitted)
    throw new Fault(
      'pass_through_not_allowed',
      `The configuration does not let ${method} requests for this path of ${provider} pass (providers.${provider}.pass_through.paths).`,
    )
}

async function receive(exchange: Exchange, { dialect, address }: MeteredPath): Promise<void> {
  const received = exchange.receive()
  const bytes = received instanceof Promise ? await received : received
  if ('fields' in bytes) throw new TypeError('forms are not metered')
  exchange.passed = { received: bytes.length, sent: 0 }
  exchange.body = new Body(bytes, (json) => dialect.request.decode(json, address))
  exchange.head = dialect.head(named(exchange.body, { dialect, address }), address)
  countTurns(exchange.body, dialect.turns ?? 'messages', exchange.plan.messageLimit)
  const policy = exchange.key?.policy
  const counts = (policy?.budgets?.length ?? 0) > 0 || (policy?.tokens?.length ?? 0) > 0
  if (counts && exchange.body.member('background') === true)
    throw invalidRequest(
      'background',
      "What a background response takes is not known when its request ends, and this key has a budget or token quota that could not be kept. Ask at the gateway's own /v1/responses instead.",
    )
}

/** Where the path names the model although the body could, the body need not. */
function named(
  body: Body<unknown>,
  { dialect, address: { model } }: Pick<MeteredPath, 'dialect' | 'address'>,
): Body<unknown> {
  if (model === undefined || dialect.addressed === true) return body
  return new Body(body.splice({ model: JSON.stringify(model) }), (json) => json)
}
