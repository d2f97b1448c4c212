/** Reaches Replicate: each call that asks for an answer becomes a conversation of several, every other one goes out as it is. */
import type { Clock } from '../../kernel/clock.ts'
import type { Transport } from '../../kernel/transport.ts'
import { Conversation } from './conversation.ts'

export function replicateTransport({
  network,
  clock,
}: {
  readonly network: Transport
  readonly clock: Clock
}): Transport {
  const open = new Set<Conversation>()
  return {
    plain: network,
    dispatch(outbound, handler) {
      if (outbound.method !== 'POST' || !outbound.path.endsWith('/predictions'))
        return network.dispatch(outbound, handler)
      const conversation = new Conversation({ network, clock }, outbound, handler, () => open.delete(conversation))
      open.add(conversation)
      conversation.start()
      return conversation
    },
    async [Symbol.asyncDispose]() {
      for (const conversation of open) conversation.close()
    },
  }
}
