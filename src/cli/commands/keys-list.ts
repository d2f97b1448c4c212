/** `sluicegate keys list`: every key, what it may do and what it has spent. */
import type { Command } from 'commander'
import { periodStart } from '../../model/budget-period.ts'
import { formatUsd } from '../../model/money.ts'
import type { Spend, UsageStore } from '../../stores/usage-store.ts'
import type { CommandContext } from '../context.ts'
import { openExistingStores } from '../data-dir.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { isoTime, printJson } from '../json-output.ts'
import { knownKeys, stateOf } from '../known-keys.ts'
import type { KnownKey } from '../known-keys.ts'
import { formatDay } from '../moments.ts'
import { formatBudget, formatRateLimit, policyJson } from '../policy-text.ts'
import type { Budget } from '../policy-text.ts'
import { formatDollars } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface ListOptions extends ConfigOptions {
  readonly json?: true
}

interface ListedKey extends KnownKey {
  readonly state: string
  /** Nano-USD, since ever. */
  readonly spent: number
  readonly budgets: readonly (Budget & { readonly spent: number })[]
}

export function addKeysList(keys: Command, context: CommandContext): void {
  keys
    .command('list')
    .description('Shows all keys, what they may do and what they have spent.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(['sluicegate keys list', 'a table'], ['sluicegate keys list --json', 'the same for programs']),
    )
    .action((options: ListOptions) => listKeys(options, context))
}

async function listKeys(options: ListOptions, context: CommandContext): Promise<void> {
  const { config } = await loadGatewayConfig(context, options)
  const now = context.now()
  using stores = await openExistingStores(config.data.dir)
  const spends = spendsByKey(stores?.usage, now)
  const keys = knownKeys(config, stores?.keys).map((key): ListedKey => {
    const spent = (per: Spend['period']): number =>
      spends.get(key.id)?.find(({ period, start }) => period === per && start === periodStart(per, now))?.cost ?? 0
    return {
      ...key,
      state: stateOf(key, now),
      spent: spent('total'),
      budgets: (key.policy.budgets ?? []).map((budget) => ({ ...budget, spent: spent(budget.per) })),
    }
  })
  const { out, err } = context.terminal
  if (options.json === true) {
    printJson(out, { keys: keys.map(keyJson) })
    return
  }
  if (keys.length === 0) {
    err.print('There are no keys yet. `sluicegate keys create NAME` makes one.')
    return
  }
  const { colors } = out
  out.print(
    renderTable<ListedKey>(
      [
        { title: 'NAME', text: ({ name }) => name, flexible: true, paint: (text) => colors.bold(text) },
        { title: 'ID', text: ({ id }) => id, flexible: true, paint: (text) => colors.dim(text) },
        { title: 'SECRET', text: ({ hint }) => hint ?? 'in config', paint: (text) => colors.dim(text) },
        { title: 'MODELS', text: ({ policy }) => policy.models.join('\n'), flexible: true },
        { title: 'LIMITS', text: limitsText },
        { title: 'SPENT', text: spentText },
        { title: 'CREATED', text: ({ origin, createdAt }) => (origin === 'config' ? '' : formatDay(createdAt)) },
        { title: 'EXPIRES', text: ({ expiresAt }) => (expiresAt === undefined ? 'never' : formatDay(expiresAt)) },
        { title: 'STATE', text: stateText, paint: (text, { state }) => paintState(text, state) },
      ],
      keys,
      { colors, width: out.width },
    ),
  )

  function paintState(text: string, state: string): string {
    if (state === 'active') return colors.green(text)
    return state === 'expired' ? colors.yellow(text) : colors.red(text)
  }
}

function spendsByKey(usage: UsageStore | undefined, now: number): Map<string, Spend[]> {
  const byKey = new Map<string, Spend[]>()
  for (const spend of usage?.spends(now) ?? []) {
    const known = byKey.get(spend.keyId)
    if (known === undefined) byKey.set(spend.keyId, [spend])
    else known.push(spend)
  }
  return byKey
}

function limitsText({ policy }: ListedKey): string {
  const requests = (policy.requests ?? []).map((limit) => `${formatRateLimit(limit)} requests`)
  const tokens = (policy.tokens ?? []).map((limit) => `${formatRateLimit(limit)} tokens`)
  return [...requests, ...tokens].join('\n') || 'none'
}

function spentText({ budgets, spent }: ListedKey): string {
  if (budgets.length === 0) return formatDollars(spent)
  return budgets.map((budget) => `${formatDollars(budget.spent)} of ${formatBudget(budget)}`).join('\n')
}

function stateText({ state, revokedAt }: ListedKey): string {
  return revokedAt === undefined ? state : `revoked ${formatDay(revokedAt)}`
}

function keyJson({ id, name, hint, origin, policy, state, spent, budgets, ...times }: ListedKey): object {
  const { createdAt, expiresAt, revokedAt } = times
  return {
    id,
    name,
    origin,
    hint: hint ?? null,
    state,
    ...policyJson(policy),
    budgets: budgets.map((budget) => ({
      usd: formatUsd(budget.usd),
      per: budget.per,
      spent_usd: formatUsd(budget.spent),
    })),
    spent_usd: formatUsd(spent),
    created: origin === 'config' ? null : isoTime(createdAt),
    expires: expiresAt === undefined ? null : isoTime(expiresAt),
    revoked: revokedAt === undefined ? null : isoTime(revokedAt),
  }
}
