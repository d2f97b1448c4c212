/** What strategies have to tell, for the log: what happens with every request is told once a minute, with how often it happened. */
import type { Clock } from '../../kernel/clock.ts'
import type { RouterEvent } from './router-book.ts'

/** As far as a logger is needed here. */
interface Lines {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

const quietMs = 60_000
/** Routers and reasons that are told apart. */
const mostTold = 1000

interface Told {
  at: number
  since: number
}

export function routingLog(lines: Lines, clock: Clock): (event: RouterEvent) => void {
  const told = new Map<string, Told>()
  return ({ router, strategy, event }) => {
    if (event.kind === 'canary') {
      const { target, state, why } = event
      const line = { router, target, state, why }
      if (state === 'rolled_back') lines.warn(line, 'a canary was rolled back')
      else lines.info(line, state === 'promoted' ? 'a canary was promoted' : 'a canary begins')
      return
    }
    const key = `${router}\n${event.reason}`
    const now = clock.monotonic()
    const last = told.get(key)
    if (last !== undefined && now - last.at < quietMs) {
      last.since += 1
      return
    }
    if (told.size >= mostTold) told.clear()
    told.set(key, { at: now, since: 0 })
    const before = last === undefined || last.since === 0 ? {} : { not_told: last.since }
    lines.warn(
      { router, strategy, reason: event.reason, problem: event.message, ...before },
      'a strategy could not decide: its default was taken',
    )
  }
}
