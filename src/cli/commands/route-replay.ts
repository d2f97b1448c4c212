/** `sluicegate route replay`: what another router would have done with past requests, by the records here or at a running gateway. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parse } from 'yaml'
import type { ReplayJson } from '../../http/management/replay-json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { isoTime } from '../json-output.ts'
import { parseSince } from '../moments.ts'
import { printableLine } from '../printable.ts'
import { formatCount } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface ReplayOptions extends ConfigOptions {
  readonly file?: string
  readonly model?: string
  readonly key?: string
  readonly since: number
  readonly until?: number
  readonly limit: number
  readonly seed: number
  readonly url?: string
  readonly apiKey?: string
  readonly json?: true
}

export function addRouteReplay(route: Command, context: CommandContext): void {
  const moment = (text: string): number => parseSince(text, context.now())
  route
    .command('replay')
    .argument('[router]', 'a router of the configuration, or any other name of it')
    .description(
      'Shows what a router would have done with past requests: what would have moved, and what that would have changed. Calls nobody.',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('-f, --file <file>', 'a router to try that is not in the configuration, as YAML or JSON')
    .option('--model <name>', 'which requests: what they asked for, or a pattern of it (default: the router)')
    .option('--key <key>', 'only requests of this key (id or name)')
    .option('--since <when>', 'a time until now (12h, 7d, 4w), or a date (default: 7d)', moment, moment('7d'))
    .option('--until <when>', 'the same (default: now)', moment)
    .option('--limit <n>', 'the most requests that are looked at, the latest', countUpTo(1_000_000), 10_000)
    .option('--seed <n>', 'of the chance that strategies draw', countUpTo(0xff_ff_ff_ff), 1)
    .option('--url <url>', 'ask this running gateway, in place of the records here')
    .option('--api-key <secret>', 'a key of it that may manage it (default: SLUICEGATE_API_KEY)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        [
          'sluicegate route replay main -c changed.yaml',
          'the router main of a changed configuration, over what was asked of main',
        ],
        ['sluicegate route replay -f cheap.yaml --model main --since 30d', 'a router that is only tried'],
      ),
    )
    .action((router: string | undefined, options: ReplayOptions) => runReplay(router, options, context))
}

function countUpTo(most: number) {
  return (text: string): number => {
    const count = /^\d{1,10}$/.test(text) ? Number(text) : 0
    if (count >= 1 && count <= most) return count
    throw new CliError(`"${text}" is not a whole number from 1 to ${formatCount(most)}`, { kind: 'usage' })
  }
}

async function runReplay(name: string | undefined, options: ReplayOptions, context: CommandContext): Promise<void> {
  const { url, apiKey = context.env['SLUICEGATE_API_KEY'], key, since, until = context.now(), limit, seed } = options
  const router = options.file === undefined ? name : routerIn(options.file, context)
  if (router === undefined) throw new CliError('say which router, or name a file with --file', { kind: 'usage' })
  const model = options.model ?? name
  if (model === undefined) throw new CliError('say which requests, with --model', { kind: 'usage' })
  if (since >= until) throw new CliError('--since is not before --until', { kind: 'usage' })
  const wish = { router, model, limit, seed, ...(key !== undefined && { key }) }
  let report: ReplayJson
  if (url === undefined) {
    const [{ config }, { replayOffline }] = await Promise.all([
      loadGatewayConfig(context, options),
      import('../route/replay-offline.ts'),
    ])
    report = await replayOffline(config, { ...wish, since, until })
  } else {
    const { askGateway } = await import('../ask-gateway.ts')
    const asked = { ...wish, since: isoTime(since), until: isoTime(until) }
    report = (await askGateway({ url, apiKey }, '/api/routes/replay', asked)) as ReplayJson
  }
  if (options.json === true) printJson(context.terminal.out, report)
  else printReport(report, context)
}

function routerIn(file: string, { cwd }: CommandContext): JsonObject {
  let value: unknown
  try {
    value = parse(readFileSync(resolve(cwd, file), 'utf8'))
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`)
  }
  if (!isJsonObject(value))
    throw new CliError(`${file} is no router`, { hint: 'write it as below `routers`: { strategy: …, targets: […] }' })
  return value
}

function printReport(report: ReplayJson, { terminal: { out, err } }: CommandContext): void {
  const { records, from, to, unchanged, moved, not_judged: unjudged, limited } = report
  if (records === 0) return err.print('No such request is on record.')
  const count = (of: number): string => formatCount(of)
  out.print(
    `${count(records)} requests from ${from ?? ''} to ${to ?? ''}: ${count(moved)} would have moved, ${count(unchanged)} not.`,
  )
  const { colors, width } = out
  type Line = Pick<ReplayJson, 'cost' | 'latency' | 'success'> & { readonly way: string; readonly of: number }
  const lines: Line[] = [
    { ...report, way: 'all', of: moved + unchanged },
    ...report.moves.map((move) => ({ ...move, way: `${move.from} → ${move.to}`, of: move.records })),
  ]
  out.print(
    renderTable<Line>(
      [
        { title: 'MOVED', text: ({ way }) => printableLine(way), flexible: true, paint: (text) => colors.bold(text) },
        { title: 'REQUESTS', align: 'right', text: ({ of }) => count(of) },
        {
          title: 'COST',
          align: 'right',
          text: ({ cost }) => (cost.records === 0 ? '?' : `$${cost.before_usd} → $${cost.after_usd}`),
        },
        {
          title: 'MEAN TIME',
          align: 'right',
          text: ({ latency }) => change(latency.before_ms, latency.after_ms, (ms) => `${Math.round(ms)} ms`),
        },
        {
          title: 'ANSWERED',
          align: 'right',
          text: ({ success }) => change(success.before, success.after, (share) => `${(100 * share).toFixed(2)} %`),
        },
      ],
      lines,
      { colors, width },
    ),
  )
  for (const { why, records: of } of unjudged)
    err.print(`${colors.yellow('·')} ${count(of)} cannot be judged: ${printableLine(why)}`)
  if (limited) err.print(colors.dim('There were more: --limit looks at more of them.'))
}

const change = (before: number | null, after: number | null, format: (value: number) => string): string =>
  before === null || after === null ? '?' : `${format(before)} → ${format(after)}`
