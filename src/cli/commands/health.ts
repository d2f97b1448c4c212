/** `sluicegate health`: how the deployments and models of a running gateway do, and checks of one on demand. */
import type { Command } from 'commander'
import { checkTiers } from '../../model/check-tier.ts'
import { askGateway, gatewayOf, withGateway } from '../ask-gateway.ts'
import type { GatewayOptions } from '../ask-gateway.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../json-output.ts'
import { printableLine } from '../printable.ts'
import { formatCount, formatMilliseconds } from '../quantities.ts'
import { renderTable } from '../table.ts'
import type { Column } from '../table.ts'
import type { Colors } from '../terminal.ts'

interface HealthOptions extends GatewayOptions {
  readonly models?: true
  readonly check?: string
  readonly tier: string
  readonly json?: true
}

interface Row {
  readonly deployment?: string
  readonly model?: string
  readonly health: number
  readonly in_flight: number
  readonly requests: number
  readonly error_rate: number | null
  readonly latency_p50_ms: number | null
  readonly latency_p95_ms: number | null
  readonly ttft_p50_ms: number | null
  readonly tokens_per_second: number | null
  readonly circuits?: readonly { readonly state: string }[]
}

interface Check {
  readonly tier: string
  readonly good: boolean
  readonly duration_ms: number
  readonly fault?: string
  readonly message?: string
}

export function addHealth(program: Command, context: CommandContext): void {
  withGateway(program.command('health'))
    .description('Tells how the deployments of a running gateway do, the worst first.')
    .option('--models', 'models and routers in place of deployments, whichever deployment answered')
    .option('--check <deployment>', 'check this deployment now')
    .option('--tier <tier>', `how far a check goes: ${checkTiers.join(', ')}`, 'standard')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate health', 'of the gateway on this machine'],
        ['sluicegate health --check openai/gpt-4o --tier deep', 'asks the provider now; ends with 1 where that fails'],
      ),
    )
    .action((options: HealthOptions) => (options.check === undefined ? show : check)(options, context))
}

async function show(options: HealthOptions, context: CommandContext): Promise<void> {
  const path = options.models === true ? '/api/health/models' : '/api/health/deployments'
  const answer = (await askGateway(gatewayOf(options, context), path)) as { data: readonly Row[] }
  const { out, err } = context.terminal
  if (options.json === true) return printJson(out, answer)
  if (answer.data.length === 0) return err.print('Nothing has been asked since the gateway started.')
  const { colors, width } = out
  out.print(renderTable<Row>(columnsOf(options.models === true, colors), answer.data, { colors, width }))
}

function columnsOf(ofModels: boolean, colors: Colors): Column<Row>[] {
  const milliseconds = (value: number | null): string => (value === null ? '?' : formatMilliseconds(value))
  return [
    {
      title: ofModels ? 'MODEL' : 'DEPLOYMENT',
      text: ({ deployment, model }) => printableLine(deployment ?? model ?? ''),
      flexible: true,
      paint: (text) => colors.bold(text),
    },
    {
      title: 'HEALTH',
      text: ({ health }) => String(health),
      align: 'right',
      paint: (text, { health }) => (health >= 90 ? colors.green : health >= 50 ? colors.yellow : colors.red)(text),
    },
    ...(ofModels ? [] : [circuitColumn(colors)]),
    {
      title: 'ERRORS',
      text: ({ error_rate: rate }) => (rate === null ? '?' : `${(100 * rate).toFixed(1)} %`),
      align: 'right',
    },
    { title: 'P50', text: ({ latency_p50_ms: p50 }) => milliseconds(p50), align: 'right' },
    { title: 'P95', text: ({ latency_p95_ms: p95 }) => milliseconds(p95), align: 'right' },
    { title: 'FIRST BYTE', text: ({ ttft_p50_ms: first }) => milliseconds(first), align: 'right' },
    {
      title: 'TOKENS/S',
      text: ({ tokens_per_second: speed }) => (speed === null ? '?' : speed.toFixed(0)),
      align: 'right',
    },
    { title: 'REQUESTS', text: ({ requests }) => formatCount(requests), align: 'right' },
    { title: 'IN FLIGHT', text: ({ in_flight: count }) => formatCount(count), align: 'right' },
  ]
}

const circuitColumn = (colors: Colors): Column<Row> => ({
  title: 'CIRCUIT',
  text: ({ circuits = [] }) => circuits.map(({ state }) => state).find((state) => state !== 'closed') ?? 'closed',
  paint: (text) => (text.startsWith('closed') ? text : colors.red(text)),
})

async function check(options: HealthOptions, context: CommandContext): Promise<void> {
  const asked = { deployment: options.check, tier: options.tier }
  const answer = (await askGateway(gatewayOf(options, context), '/api/health/checks', asked)) as {
    checks: readonly Check[]
  }
  const { out } = context.terminal
  const { colors } = out
  if (options.json === true) printJson(out, answer)
  else
    for (const { tier, good, duration_ms: took, fault, message } of answer.checks) {
      const told = good ? '' : `  ${printableLine([fault, message].filter((text) => text !== undefined).join(': '))}`
      out.print(`${good ? colors.green('✓') : colors.red('✗')} ${tier}  ${formatMilliseconds(took)}${told}`)
    }
  if (answer.checks.some(({ good }) => !good)) context.exitCode = 1
}
