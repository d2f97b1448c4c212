/** A key's policy as people read and write it: limits such as `600/minute`, budgets such as `$25/month`. */
import { parseRateLimit } from '../config/rate-limit.ts'
import { ScalarError } from '../kernel/scalar-error.ts'
import type { BudgetPeriod, KeyPolicy, RateLimit } from '../model/key.ts'
import { formatUsd, parseUsd } from '../model/money.ts'
import type { NanoUsd } from '../model/money.ts'
import { CliError } from './cli-error.ts'
import { formatCount, formatDollars } from './quantities.ts'

export interface Budget {
  /** Nano-USD. */
  readonly usd: NanoUsd
  readonly per: BudgetPeriod
}

const budgetPeriods: readonly string[] = ['day', 'month', 'total'] satisfies BudgetPeriod[]

export function formatRateLimit({ count, per }: RateLimit): string {
  return `${formatCount(count)}/${per}`
}

export function formatBudget({ usd, per }: Budget): string {
  return per === 'total' ? `${formatDollars(usd)} in total` : `${formatDollars(usd)}/${per}`
}

/** Throws a CliError. */
export function parseLimitOption(text: string): RateLimit {
  try {
    return parseRateLimit(text)
  } catch (error) {
    if (!(error instanceof ScalarError)) throw error
    const hint = error.hint?.replaceAll('`', '')
    throw new CliError(`"${text}" ${error.message}`, { kind: 'usage', ...(hint !== undefined && { hint }) })
  }
}

/** `25/month`, `5/day`, `100/total`; throws a CliError. */
export function parseBudgetOption(text: string): Budget {
  const hint = 'write US dollars, a slash and day, month or total: 25/month'
  const [, amount = '', period = ''] = /^\$?([^/]+)\/([a-z]+)$/.exec(text.trim()) ?? []
  if (!budgetPeriods.includes(period)) throw new CliError(`"${text}" is not a budget`, { kind: 'usage', hint })
  let usd: NanoUsd
  try {
    usd = parseUsd(amount)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CliError(`"${text}" is not a budget: ${error.message}`, { kind: 'usage', hint })
  }
  if (usd <= 0) throw new CliError(`a budget of ${text} allows nothing at all`, { kind: 'usage' })
  return { usd, per: period as BudgetPeriod }
}

/** `a,b, c` → the names; throws a CliError when there is none. */
export function parseModelsOption(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0) throw new CliError('names no model', { kind: 'usage', hint: 'leave it out to allow all' })
  return [...new Set(names)]
}

/** Throws a CliError. */
export function parseOnUnsupported(text: string): NonNullable<KeyPolicy['onUnsupported']> {
  if (text === 'drop' || text === 'warn' || text === 'refuse') return text
  throw new CliError(`"${text}" is not drop, warn or refuse`, { kind: 'usage' })
}

/** For `--json`. */
export function policyJson({
  models,
  requests = [],
  tokens = [],
  budgets = [],
  onUnsupported,
  residency,
  admin,
  inlineRouters,
}: KeyPolicy): object {
  return {
    models,
    limits: {
      requests: requests.map(({ count, per }) => ({ count, per })),
      tokens: tokens.map(({ count, per }) => ({ count, per })),
    },
    budgets: budgets.map(({ usd, per }) => ({ usd: formatUsd(usd), per })),
    on_unsupported: onUnsupported ?? null,
    residency: residency ?? null,
    admin: admin === true,
    inline_routers: inlineRouters === true,
  }
}
