/** What came of the ways through routers: requests, failures, times and money of each arm, beside each other. */
import { formatUsd } from '../model/money.ts'
import type { RouteUsage } from '../stores/usage-store.ts'
import { isoTime, printJson } from './json-output.ts'
import { formatMoment } from './moments.ts'
import { formatCount, formatDollars, formatMilliseconds } from './quantities.ts'
import { renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Shown {
  readonly from: number
  readonly keyId?: string
  readonly json: boolean
}

export function showRoutes(rows: readonly RouteUsage[], { from, keyId, json }: Shown, { out, err }: Terminal): void {
  if (json) {
    printJson(out, { by: 'route', since: isoTime(from), key: keyId ?? null, rows: rows.map(routeJson) })
    return
  }
  if (rows.length === 0) {
    err.print(`No router has answered since ${formatMoment(from)} UTC.`)
    return
  }
  const { colors, width } = out
  out.print(
    renderTable<RouteUsage>(
      [
        { title: 'ROUTE', text: ({ route }) => route, flexible: true, paint: (text) => colors.bold(text) },
        { title: 'REQUESTS', text: ({ requests }) => formatCount(requests), align: 'right' },
        {
          title: 'FAILED',
          text: ({ failed, requests }) =>
            failed === 0 ? '0' : `${formatCount(failed)} (${percent(failed, requests)})`,
          align: 'right',
          paint: (text) => (text === '0' ? colors.dim(text) : colors.red(text)),
        },
        { title: 'MEAN TIME', text: (row) => timeText(row), align: 'right' },
        { title: 'COST', text: (row) => costText(row), align: 'right' },
        { title: 'PER REQUEST', text: (row) => perRequestText(row), align: 'right' },
      ],
      rows,
      { colors, width },
    ),
  )
  err.print(err.colors.dim(`since ${formatMoment(from)} UTC, by whole hours`))
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`

const meanMs = ({ answers, answerMs }: RouteUsage): number | undefined =>
  answers === 0 ? undefined : answerMs / answers

function timeText(row: RouteUsage): string {
  const mean = meanMs(row)
  return mean === undefined ? '' : formatMilliseconds(mean)
}

/** Never zero for what has no known price. */
function costText({ cost, unpriced }: RouteUsage): string {
  if (unpriced === 0) return formatDollars(cost)
  return cost === 0n ? '?' : `${formatDollars(cost)} + ?`
}

const perRequestText = ({ cost, unpriced, requests }: RouteUsage): string =>
  unpriced > 0 ? '?' : formatDollars(cost / BigInt(requests))

const routeJson = (row: RouteUsage): object => ({
  route: row.route,
  requests: row.requests,
  failed: row.failed,
  mean_ms: meanMs(row) ?? null,
  cost_usd: formatUsd(row.cost),
  unpriced: row.unpriced,
})
