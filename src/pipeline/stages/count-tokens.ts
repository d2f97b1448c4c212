/** Answers token counts by itself where the provider has no endpoint for them; says so in a header. */
import type { Stage } from '../../kernel/stage.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { admits } from '../within-residency.ts'

export interface TokenCounter {
  /** An estimate, as close as the gateway can come without the provider's own tokenizer. */
  count(request: ChatRequest): Promise<number>
}

export function countTokens(counter: TokenCounter): Stage {
  return {
    name: 'count-tokens',
    async run(exchange, next) {
      const inside = exchange.route?.deployments.filter((deployment) => admits(exchange, deployment)) ?? []
      if (inside.some(({ endpoints }) => endpoints.has('count-tokens'))) return next()
      exchange.deployment = inside[0]
      const inputTokens = await counter.count(exchange.body.read() as ChatRequest)
      const { json } = exchange.surface.dialect.response.encode({ inputTokens }, { model: exchange.head.model })
      return {
        kind: 'bytes',
        status: 200,
        contentType: 'application/json',
        bytes: JSON.stringify(json),
        headers: { 'x-sluicegate-estimated': 'true' },
      }
    },
  }
}
