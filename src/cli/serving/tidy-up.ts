/**
 * Gives the memory back that starting took: V8 keeps it for what may come, which on a gateway that nobody asks anything is a tenth of all it
 * has. Done once, in the first moment without a request, because it takes some fifty milliseconds.
 */
import { collectGarbage } from '../../bytes/collect-garbage.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'

const lookEveryMs = 500

const giveBack = (): void => collectGarbage({ type: 'major', execution: 'sync', flavor: 'last-resort' })

export function tidyUpOnceIdle(clock: Clock, inFlight: () => number, tidyUp: () => void = giveBack): Disposable {
  let timer: Timer

  function lookSoon(): void {
    timer = clock.after(lookEveryMs, () => {
      if (inFlight() > 0) lookSoon()
      else tidyUp()
    })
  }

  lookSoon()
  return { [Symbol.dispose]: () => timer.cancel() }
}
