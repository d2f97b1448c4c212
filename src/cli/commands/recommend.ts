/** `sluicegate recommend`: which models could be had as good for less, by what a running gateway has on record. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../json-output.ts'
import { printableLine } from '../printable.ts'
import { formatCount } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface RecommendOptions {
  readonly url: string
  readonly apiKey?: string
  readonly json?: true
}

interface Row {
  readonly key: string | null
  readonly from: string
  readonly to: string
  readonly requests: number
  readonly cost_usd: string
  readonly instead_usd: string
  readonly quality_from: number
  readonly quality_to: number
}

const patienceMs = 30_000

export function addRecommend(program: Command, context: CommandContext): void {
  program
    .command('recommend')
    .description('Tells which models could be had as good for less, for each key that has asked enough.')
    .option('--url <url>', 'the running gateway', 'http://127.0.0.1:8080')
    .option('--api-key <secret>', 'a key of it that may manage it (default: SLUICEGATE_API_KEY)')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['sluicegate recommend', 'by the last 30 days of the gateway on this machine']))
    .action((options: RecommendOptions) => showRecommendations(options, context))
}

async function showRecommendations(options: RecommendOptions, { env, terminal }: CommandContext): Promise<void> {
  const { apiKey = env['SLUICEGATE_API_KEY'] } = options
  const answer = await asked(new URL('/api/recommendations', withoutPath(options.url)), apiKey)
  const { out, err } = terminal
  if (options.json === true) return printJson(out, answer)
  if (answer.data.length === 0) {
    err.print('Nothing to recommend: no key has asked enough, or nothing as good is clearly cheaper.')
    return
  }
  const { colors, width } = out
  out.print(
    renderTable<Row>(
      [
        { title: 'KEY', text: ({ key }) => printableLine(key ?? '(without a key)'), flexible: true },
        { title: 'FROM', text: ({ from }) => printableLine(from), flexible: true },
        { title: 'TO', text: ({ to }) => printableLine(to), flexible: true, paint: (text) => colors.bold(text) },
        { title: 'REQUESTS', text: ({ requests }) => formatCount(requests), align: 'right' },
        { title: 'COST', text: ({ cost_usd: cost }) => `$${cost}`, align: 'right' },
        { title: 'INSTEAD', text: ({ instead_usd: cost }) => `$${cost}`, align: 'right' },
        { title: 'QUALITY', text: (row) => `${row.quality_from} → ${row.quality_to}`, align: 'right' },
      ],
      answer.data,
      { colors, width },
    ),
  )
}

function withoutPath(url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new CliError(`"${url}" is no address`, { kind: 'usage', hint: 'write `--url http://127.0.0.1:8080`' })
}

async function asked(url: URL, apiKey: string | undefined): Promise<{ readonly data: readonly Row[] }> {
  const response = await fetch(url, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(patienceMs),
  }).catch((error: unknown) => {
    throw new CliError(`nobody answers at ${url.origin}`, { hint: 'name the running gateway with --url', cause: error })
  })
  if (response.ok) return (await response.json()) as { data: Row[] }
  const told = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
  throw new CliError(told?.error?.message ?? `the gateway answered with ${response.status}`)
}
