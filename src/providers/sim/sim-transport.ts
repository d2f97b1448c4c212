/** Reaches the simulator without a network: the transport contract over the engine, on the gateway's own clock and chance. */
import { TransportError, wholeBody } from '../../kernel/transport.ts'
import type { Transport, TransportCall } from '../../kernel/transport.ts'
import { Player } from './player.ts'
import { createSimulator } from './simulator.ts'
import type { SimPorts } from './simulator.ts'

export function simTransport(ports: SimPorts): Transport {
  const simulator = createSimulator(ports)
  /** Calls under way, by what breaks them off. */
  const open = new Set<() => void>()

  return {
    wholeBody: true,
    dispatch(outbound, handler): TransportCall {
      const { method, path, headers } = outbound
      const reply = simulator.simulate({ method, path, headers, body: wholeBody(outbound) })
      const player = new Player(reply, ports.clock, {
        head: (status, given) => handler.onHead(status, { ...given }),
        data: (bytes) => handler.onData(bytes),
        end() {
          open.delete(breakOff)
          handler.onEnd()
        },
        cut() {
          open.delete(breakOff)
          handler.onError(new TransportError('reset', 'the simulator closed the connection'))
        },
      })
      const breakOff = (): void => {
        player.abort()
        handler.onError(new TransportError('reset', 'the simulator is closed'))
      }
      open.add(breakOff)
      // The caller has to hold the call before it hears of it.
      queueMicrotask(() => player.start())
      return {
        pause: () => player.pause(),
        resume: () => player.resume(),
        abort() {
          open.delete(breakOff)
          player.abort()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      for (const breakOff of open) breakOff()
      open.clear()
    },
  }
}
