/** `sluicegate usage`: what was asked, by whom, of which model, and what it cost. */
import type { Command } from 'commander'
import { formatUsd } from '../../model/money.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { UsageQuery, UsageRow } from '../../stores/usage-store.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { openExistingStores } from '../data-dir.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { isoTime, printJson } from '../json-output.ts'
import { findKey, knownKeys } from '../known-keys.ts'
import type { KnownKey } from '../known-keys.ts'
import { formatMoment, parseSince } from '../moments.ts'
import { counted, formatCount, formatDollars, formatMilliseconds } from '../quantities.ts'
import { recordJson, servedBy } from '../record-text.ts'
import { renderTable } from '../table.ts'
import type { Output } from '../terminal.ts'

type GroupBy = Exclude<UsageQuery['groupBy'], 'none'> | 'route'

interface UsageOptions extends ConfigOptions {
  readonly by: GroupBy
  readonly since: number
  readonly key?: string
  readonly records?: number
  readonly json?: true
}

const groupings: readonly string[] = ['model', 'provider', 'key', 'day', 'route'] satisfies GroupBy[]
const mostRecords = 10_000

export function addUsage(program: Command, context: CommandContext): void {
  program
    .command('usage')
    .description('Shows requests, tokens and money: sums, or the last exchanges one by one.')
    .option('-c, --config <file>', 'the configuration file')
    .option(
      '--by <what>',
      'one row for each model, provider, key, day or way through routers (route)',
      parseGrouping,
      'model' as GroupBy,
    )
    .option(
      '--since <when>',
      'from when on: 12h, 7d, 4w, 1y ago, or a date (default: 30d)',
      (text: string) => parseSince(text, context.now()),
      parseSince('30d', context.now()),
    )
    .option('--key <name-or-id>', 'only of this key')
    .option('--records <count>', 'list so many of the last exchanges instead of sums', parseCount)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate usage', 'the last 30 days, by model'],
        ['sluicegate usage --by key --since 7d', 'the last week, by key'],
        ['sluicegate usage --by route', 'what came of each arm of your routers'],
        ['sluicegate usage --records 20 --key "my app"', 'the last 20 exchanges of one key'],
      ),
    )
    .action((options: UsageOptions) => showUsage(options, context))
}

function parseGrouping(text: string): GroupBy {
  if (groupings.includes(text)) return text as GroupBy
  throw new CliError(`usage cannot be summed by "${text}"`, { kind: 'usage', hint: `by ${groupings.join(', ')}` })
}

function parseCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= mostRecords) return count
  throw new CliError(`"${text}" is not a number of records`, {
    kind: 'usage',
    hint: `a whole number from 1 to ${formatCount(mostRecords)}`,
  })
}

async function showUsage(options: UsageOptions, context: CommandContext): Promise<void> {
  const { config } = await loadGatewayConfig(context, options)
  using stores = await openExistingStores(config.data.dir)
  const keys = knownKeys(config, stores?.keys)
  const key = options.key === undefined ? undefined : findKey(keys, options.key)
  const { terminal } = context
  if (options.records !== undefined) {
    const records = stores?.usage.list({ limit: options.records, ...(key !== undefined && { keyId: key.id }) }) ?? []
    if (options.json === true) printJson(terminal.out, { records: records.map(recordJson) })
    else if (records.length === 0) terminal.err.print('No exchange is on record yet.')
    else printRecords(records, terminal.out)
    return
  }

  const query = { from: options.since, ...(key !== undefined && { keyId: key.id }) }
  if (options.by === 'route') {
    const { showRoutes } = await import('../route-usage.ts')
    showRoutes(stores?.usage.routes(query) ?? [], { ...query, json: options.json === true }, terminal)
    return
  }
  const rows = stores?.usage.summarize({ ...query, groupBy: options.by }) ?? []
  const [total = emptyRow] = stores?.usage.summarize({ ...query, groupBy: 'none' }) ?? []
  const named = rows.map((row) => ({ ...row, name: nameOf(row, options.by, keys) }))
  // The dearest first; days in their order.
  if (options.by !== 'day') named.sort(dearestFirst)
  if (options.json === true) {
    printJson(terminal.out, {
      by: options.by,
      since: isoTime(options.since),
      key: key?.id ?? null,
      rows: named.map((row) => ({ group: row.group, name: row.name, ...sumsJson(row) })),
      total: sumsJson(total),
    })
    return
  }
  if (rows.length === 0) {
    terminal.err.print(`Nothing was asked since ${formatMoment(options.since)} UTC.`)
    return
  }
  printSums(named, total, options.by, terminal.out)
  const of = key === undefined ? '' : ` of the key ${key.name}`
  const notes = [`since ${formatMoment(options.since)} UTC${of}`]
  if (total.unpriced > 0) notes.push(`the cost of ${counted(total.unpriced, 'request')} is unknown and not in the sums`)
  terminal.err.print(terminal.err.colors.dim(notes.join('  ·  ')))
}

const emptyRow: UsageRow = {
  group: '',
  requests: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  cost: 0n,
  unpriced: 0,
}

interface NamedRow extends UsageRow {
  readonly name: string
}

function dearestFirst(a: NamedRow, b: NamedRow): number {
  if (a.cost !== b.cost) return a.cost < b.cost ? 1 : -1
  return b.requests - a.requests || (a.name < b.name ? -1 : 1)
}

function nameOf({ group }: UsageRow, by: GroupBy, keys: readonly KnownKey[]): string {
  if (by === 'key') return group === '' ? '(without a key)' : (keys.find(({ id }) => id === group)?.name ?? group)
  return group === '' ? '(none answered)' : group
}

function printSums(rows: readonly NamedRow[], total: UsageRow, by: GroupBy, { colors, width, print }: Output): void {
  const sums = [
    ({ requests }: UsageRow) => formatCount(requests),
    ({ failed }: UsageRow) => formatCount(failed),
    ({ inputTokens }: UsageRow) => formatCount(inputTokens),
    ({ cachedTokens }: UsageRow) => formatCount(cachedTokens),
    ({ outputTokens }: UsageRow) => formatCount(outputTokens),
    costText,
  ]
  const titles = ['REQUESTS', 'FAILED', 'INPUT', 'CACHED', 'OUTPUT', 'COST']
  print(
    renderTable<NamedRow>(
      [
        { title: by.toUpperCase(), text: ({ name }) => name, flexible: true, paint: (text) => colors.bold(text) },
        ...sums.map((text, index) => {
          const title = titles[index] ?? ''
          return {
            title,
            text,
            align: 'right' as const,
            paint: (shown: string) =>
              shown === '0' ? colors.dim(shown) : title === 'FAILED' ? colors.red(shown) : shown,
          }
        }),
      ],
      rows,
      { colors, width, footer: ['total', ...sums.map((text) => text(total))] },
    ),
  )
}

/** Never zero for what has no known price. */
function costText({ cost, unpriced }: UsageRow): string {
  if (unpriced === 0) return formatDollars(cost)
  return cost === 0n ? '?' : `${formatDollars(cost)} + ?`
}

function printRecords(records: readonly ExchangeRecord[], { colors, width, print }: Output): void {
  print(
    renderTable<ExchangeRecord>(
      [
        { title: 'AT (UTC)', text: ({ at }) => formatMoment(at), paint: (text) => colors.dim(text) },
        { title: 'KEY', text: ({ keyName }) => keyName ?? '', flexible: true },
        {
          title: 'MODEL',
          text: ({ modelAsked }) => modelAsked ?? '',
          flexible: true,
          paint: (text) => colors.bold(text),
        },
        { title: 'SERVED BY', text: servedBy, flexible: true },
        {
          title: 'OUTCOME',
          text: ({ outcome, fault, status }) => (outcome === 'ok' ? 'ok' : `${fault ?? outcome} ${status}`),
          paint: (text, { outcome }) => (outcome === 'ok' ? colors.green(text) : colors.red(text)),
        },
        {
          title: 'IN',
          align: 'right',
          text: ({ usage }) => (usage === undefined ? '' : formatCount(usage.input.total)),
        },
        {
          title: 'OUT',
          align: 'right',
          text: ({ usage }) => (usage === undefined ? '' : formatCount(usage.output.total)),
        },
        {
          title: 'COST',
          align: 'right',
          text: ({ cost, unpriced }) => (unpriced === true ? '?' : cost === undefined ? '' : formatDollars(cost)),
        },
        { title: 'TIME', align: 'right', text: ({ durationMs }) => formatMilliseconds(durationMs) },
        { title: 'TRIES', align: 'right', text: ({ attempts }) => String(attempts.length) },
        { title: 'REQUEST', text: ({ requestId }) => requestId, flexible: true, paint: (text) => colors.dim(text) },
      ],
      records,
      { colors, width },
    ),
  )
}

function sumsJson(row: UsageRow): object {
  return {
    requests: row.requests,
    failed: row.failed,
    input_tokens: row.inputTokens,
    cached_tokens: row.cachedTokens,
    output_tokens: row.outputTokens,
    cost_usd: formatUsd(row.cost),
    unpriced: row.unpriced,
  }
}
