/** Reaches AssemblyAI: each call that orders a transcript becomes a job of several, every other one goes out as it is. */
import type { Clock } from '../../kernel/clock.ts'
import type { Transport } from '../../kernel/transport.ts'
import { TranscriptJob } from './transcript-job.ts'

export function assemblyaiTransport({
  network,
  clock,
}: {
  readonly network: Transport
  readonly clock: Clock
}): Transport {
  const open = new Set<TranscriptJob>()
  return {
    plain: network,
    dispatch(outbound, handler) {
      if (outbound.method !== 'POST' || !outbound.path.includes('/v2/transcript?order='))
        return network.dispatch(outbound, handler)
      const job = new TranscriptJob({ network, clock }, outbound, handler, () => open.delete(job))
      open.add(job)
      job.start()
      return job
    },
    async [Symbol.asyncDispose]() {
      for (const job of open) job.close()
    },
  }
}
