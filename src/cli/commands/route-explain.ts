/** `sluicegate route explain`: which targets a request would be tried at, by the configuration alone or by what a running gateway has learnt. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { printableLine } from '../printable.ts'
import { renderTable } from '../table.ts'
import type { Explained, RequestToExplain } from '../route/explained.ts'

interface ExplainOptions extends ConfigOptions {
  readonly request?: string
  readonly path?: string
  readonly header?: Readonly<Record<string, string>>
  readonly key?: string
  readonly url?: string
  readonly apiKey?: string
  readonly json?: true
}

const usualPath = '/v1/chat/completions'

export function addRouteExplain(route: Command, context: CommandContext): void {
  route
    .command('explain')
    .argument('[model]', 'what clients would ask for')
    .argument('[prompt]', 'what they would say to it', 'Hello')
    .description('Shows which targets a request would be tried at, in which order and why. Calls nobody.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--request <file>', 'the body of the request, as JSON, in place of model and prompt')
    .option('--path <path>', `where it would be sent to (default: ${usualPath})`)
    .option('--header <name: value>', 'a header of it; may be given several times', appendHeader)
    .option('--key <name>', 'whose request it would be')
    .option('--url <url>', 'ask this running gateway, which knows how its targets do at the moment')
    .option('--api-key <secret>', 'a key of it that may manage it (default: SLUICEGATE_API_KEY)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate route explain main', 'by the configuration alone'],
        ['sluicegate route explain main "Prove it" --header "x-plan: pro" --key web', 'as this key would ask'],
        [
          'sluicegate route explain --request body.json --url http://127.0.0.1:8080',
          'with what the gateway has learnt',
        ],
      ),
    )
    .action((model: string | undefined, prompt: string, options: ExplainOptions) =>
      explain(model, prompt, options, context),
    )
}

async function explain(
  model: string | undefined,
  prompt: string,
  options: ExplainOptions,
  context: CommandContext,
): Promise<void> {
  const request: RequestToExplain = {
    path: options.path ?? usualPath,
    headers: options.header ?? {},
    body: bodyOf(model, prompt, options, context),
    ...(options.key !== undefined && { key: options.key }),
  }
  const explained = await explainedBy(request, options, context)
  const { out, err } = context.terminal
  if (options.json === true) printJson(out, explained)
  else printExplained(explained, context)
  if (options.url === undefined && options.json !== true)
    err.print(
      err.colors.dim('By the configuration alone: how targets do at the moment is known to a running gateway (--url).'),
    )
}

async function explainedBy(
  request: RequestToExplain,
  options: ExplainOptions,
  context: CommandContext,
): Promise<Explained> {
  const { url, apiKey = context.env['SLUICEGATE_API_KEY'] } = options
  if (url !== undefined) {
    const { askGateway } = await import('../ask-gateway.ts')
    return (await askGateway({ url, apiKey }, '/api/routes/explain', request)) as Explained
  }
  const [{ config }, { explainOffline }] = await Promise.all([
    loadGatewayConfig(context, options),
    import('../route/explain-offline.ts'),
  ])
  return explainOffline(config, request, context.now())
}

/** The body to explain: a file's, or a plain question. */
export function bodyOf(
  model: string | undefined,
  prompt: string,
  { request }: Pick<ExplainOptions, 'request'>,
  { cwd }: Pick<CommandContext, 'cwd'>,
): object {
  if (request === undefined) {
    if (model === undefined) throw new CliError('say which model, or name a file with --request', { kind: 'usage' })
    return { model, messages: [{ role: 'user', content: prompt }] }
  }
  let body: unknown
  try {
    body = JSON.parse(readFileSync(resolve(cwd, request), 'utf8'))
  } catch (error) {
    throw new CliError(`${request} cannot be read as JSON: ${error instanceof Error ? error.message : 'unknown error'}`)
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new CliError(`${request} is not a JSON object`)
  return { ...body, ...(model !== undefined && { model }) }
}

export function appendHeader(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const colon = text.indexOf(':')
  if (colon <= 0) throw new CliError(`"${text}" is no header: write "name: value"`, { kind: 'usage' })
  return { ...before, [text.slice(0, colon).trim().toLowerCase()]: text.slice(colon + 1).trim() }
}

export function printExplained(
  { candidates, left_out, comparisons }: Explained,
  { terminal: { out, err } }: CommandContext,
): void {
  const { colors, width } = out
  const look = { colors, width }
  type Candidate = Explained['candidates'][number]
  out.print(
    renderTable<Candidate>(
      [
        { title: '#', align: 'right', text: (one) => String(candidates.indexOf(one) + 1) },
        {
          title: 'TARGET',
          text: ({ deployment }) => printableLine(deployment),
          flexible: true,
          paint: (text) => colors.bold(text),
        },
        {
          title: 'STATE',
          text: ({ state }) => state,
          paint: (text) => (text.trim() === 'ready' ? colors.green(text) : colors.yellow(text)),
        },
        { title: 'COST', align: 'right', text: ({ expected_cost_usd: cost }) => (cost === null ? '?' : `$${cost}`) },
        { title: 'HEALTH', align: 'right', text: ({ health }) => String(health) },
        { title: 'P50', align: 'right', text: ({ latency_p50_ms: ms }) => (ms === null ? '' : `${Math.round(ms)} ms`) },
        {
          title: 'WAY',
          text: ({ route }) => printableLine(route ?? ''),
          flexible: true,
          paint: (text) => colors.dim(text),
        },
      ],
      candidates,
      look,
    ),
  )
  for (const { deployment, why } of [...candidates, ...left_out])
    if (why !== undefined) err.print(`${colors.yellow('·')} ${printableLine(deployment)}: ${printableLine(why)}`)
  for (const { router, target, score, unit, note } of comparisons) {
    const figure = score === undefined ? '' : ` ${score} ${unit ?? ''}`
    if (figure !== '' || note !== undefined)
      err.print(
        colors.dim(`  ${printableLine(`${router}: ${target}${figure}${note === undefined ? '' : ` (${note})`}`)}`),
      )
  }
}
