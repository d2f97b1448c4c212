/** `sluicegate recommend`: which models could be had as good for less, by what a running gateway has on record. */
import type { Command } from 'commander'
import { askGateway, gatewayOf, withGateway } from '../ask-gateway.ts'
import type { GatewayOptions } from '../ask-gateway.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../json-output.ts'
import { printableLine } from '../printable.ts'
import { formatCount } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface RecommendOptions extends GatewayOptions {
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

export function addRecommend(program: Command, context: CommandContext): void {
  withGateway(program.command('recommend'))
    .description('Tells which models could be had as good for less, for each key that has asked enough.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['sluicegate recommend', 'by the last 30 days of the gateway on this machine']))
    .action((options: RecommendOptions) => showRecommendations(options, context))
}

async function showRecommendations(options: RecommendOptions, context: CommandContext): Promise<void> {
  const answer = (await askGateway(gatewayOf(options, context), '/api/recommendations')) as { data: readonly Row[] }
  const { out, err } = context.terminal
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
