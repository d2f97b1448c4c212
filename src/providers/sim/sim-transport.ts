/** Reaches the simulator without a network: the transport contract over the engine, on the gateway's own clock and chance. */
import { isBodySource, TransportError, wholeBody } from '../../kernel/transport.ts'
import type { BodySource, Transport, TransportCall } from '../../kernel/transport.ts'
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
      const { method, path, headers, body } = outbound
      let paused = false
      let player: Player | undefined
      const breakOff = (): void => {
        over()
        handler.onError(new TransportError('reset', 'the simulator is closed'))
      }
      const over = (): void => {
        open.delete(breakOff)
        aborted = true
        player?.abort()
      }
      let aborted = false
      const play = (whole: Uint8Array): void => {
        if (aborted) return
        const reply = simulator.simulate({ method, path, headers, body: whole })
        player = new Player(reply, ports.clock, {
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
        if (paused) player.pause()
        player.start()
      }
      open.add(breakOff)
      if (body !== null && isBodySource(body)) {
        collect(body).then(play, (error: unknown) => {
          if (aborted) return
          over()
          handler.onError(
            error instanceof TransportError ? error : new TransportError('reset', 'the upload broke off', error),
          )
        })
      } else {
        // The caller has to hold the call before it hears of it.
        queueMicrotask(() => play(wholeBody(outbound)))
      }
      return {
        pause() {
          paused = true
          player?.pause()
        },
        resume() {
          paused = false
          player?.resume()
        },
        abort: over,
      }
    },
    async [Symbol.asyncDispose]() {
      for (const breakOff of open) breakOff()
      open.clear()
    },
  }
}

/** As much as the simulator takes over the network, too. */
const largestBody = 64 << 20

async function collect(source: BodySource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source.open()) {
    size += chunk.length
    if (size > largestBody) throw new TransportError('reset', `the simulator takes ${largestBody} bytes at most`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
