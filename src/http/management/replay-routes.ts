/** `POST /api/routes/replay`: what a router would have done with past requests. */
import type { ReplayWish } from '../../control/routing/replay/replay.ts'
import type { ReplayReport } from '../../control/routing/replay/replay-router.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Key } from '../../model/key.ts'
import { moment, span } from '../../model/moment.ts'
import { sendJson } from '../fault-response.ts'
import { readJson } from '../read-json.ts'
import type { Route } from '../route.ts'
import { replayJson } from './replay-json.ts'
import { textIn } from './route-routes.ts'

export interface ReplayRoutesContext {
  readonly replay: (wish: ReplayWish) => Promise<ReplayReport>
  readonly bodyLimit: number
  /** A key by its id or name. */
  readonly keyNamed: (idOrName: string) => Key | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

export const usualReplay = { since: '7d', limit: 10_000, mostRecords: 1_000_000, seed: 1 }

export function replayRoutes({ replay, bodyLimit, keyNamed, now }: ReplayRoutesContext): Route[] {
  let running = false
  return [
    {
      method: 'POST',
      path: '/api/routes/replay',
      async handle({ request, response, headers }) {
        const wish = wishIn(await readJson(request, bodyLimit), keyNamed, now())
        // Each reads much of the database, on the thread that answers everybody.
        if (running) throw new Fault('overloaded', 'A replay is running already. Try again when it is done.')
        running = true
        try {
          const report = await replay({ ...wish, isWanted: () => !response.destroyed })
          sendJson(response, 200, replayJson(report), headers)
        } finally {
          running = false
        }
      },
    },
  ]
}

function wishIn(asked: JsonObject, keyNamed: ReplayRoutesContext['keyNamed'], now: number): ReplayWish {
  const { router } = asked
  if (!(isJsonObject(router) || (typeof router === 'string' && router !== '')))
    throw invalidRequest('router', '`router` must be the name of a router, or a router as the configuration has it.')
  const model = textIn(asked, 'model') ?? (typeof router === 'string' ? router : undefined)
  if (model === undefined)
    throw invalidRequest(
      'model',
      '`model` must say which requests are replayed: what they asked for, or a pattern of it (`*`).',
    )
  const name = textIn(asked, 'key')
  const key = name === undefined ? undefined : keyNamed(name)
  if (name !== undefined && key === undefined)
    throw invalidRequest('key', `No key has the id or name "${name.slice(0, 120)}".`)
  const since = timeIn(asked, 'since', now) ?? timeIn({ since: usualReplay.since }, 'since', now) ?? 0
  const until = timeIn(asked, 'until', now) ?? now
  if (since >= until) throw invalidRequest('since', '`since` must be before `until`.')
  return {
    router,
    model,
    ...(key !== undefined && { keyId: key.id }),
    since,
    until,
    limit: countIn(asked, 'limit', usualReplay.mostRecords) ?? usualReplay.limit,
    seed: countIn(asked, 'seed', 0xff_ff_ff_ff) ?? usualReplay.seed,
  }
}

function timeIn(asked: JsonObject, name: string, now: number): number | undefined {
  const text = textIn(asked, name)
  if (text === undefined) return undefined
  const back = span(text)
  const at = back === undefined ? moment(text) : Math.max(0, now - back)
  if (at === undefined)
    throw invalidRequest(
      name,
      `\`${name}\` must be a time until now (12h, 7d, 4w) or a date (2026-01-31, 2026-01-31T12:00:00Z).`,
    )
  return at
}

function countIn(asked: JsonObject, name: string, most: number): number | undefined {
  const value = asked[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
    throw invalidRequest(name, `\`${name}\` must be a whole number from 1 to ${most}.`)
  return value
}
