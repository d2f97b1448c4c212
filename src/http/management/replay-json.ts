/** The report of a replay as the API and the command line write it. Money in US dollars, times in milliseconds, shares from 0 to 1. */
import type { ReplayReport } from '../../control/routing/replay/replay-router.ts'
import type { Comparison, Comparisons } from '../../control/routing/replay/tallies.ts'
import { formatUsd } from '../../model/money.ts'

/** Ways between deployments that are told, the most gone first. */
const mostMoves = 200

export function replayJson({
  first,
  last,
  records,
  limited,
  unchanged,
  moved,
  unjudged,
  compared,
  moves,
}: ReplayReport) {
  return {
    from: isoTime(first),
    to: isoTime(last),
    records,
    limited,
    unchanged,
    moved,
    not_judged: [...unjudged].map(([why, count]) => ({ why, records: count })),
    ...comparedJson(compared),
    moves: moves.slice(0, mostMoves).map((move) => ({
      from: move.from,
      to: move.to,
      records: move.records,
      ...comparedJson(move.compared),
    })),
  }
}

export type ReplayJson = ReturnType<typeof replayJson>

const isoTime = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString())

/** Each over the requests of which both are known. */
function comparedJson({ cost, latency, success }: Comparisons) {
  return {
    cost: {
      records: cost.records,
      before_usd: formatUsd(cost.before),
      after_usd: formatUsd(cost.after),
      difference_usd: formatUsd(cost.after - cost.before),
    },
    latency: { records: latency.records, before_ms: mean(latency, 'before', 1), after_ms: mean(latency, 'after', 1) },
    success: { records: success.records, before: mean(success, 'before', 4), after: mean(success, 'after', 4) },
  }
}

function mean(comparison: Comparison, side: 'before' | 'after', digits: number): number | null {
  const { records } = comparison
  return records === 0 ? null : Number((comparison[side] / records).toFixed(digits))
}
