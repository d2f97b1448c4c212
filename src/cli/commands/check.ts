/** `sluicegate check`: whether the configuration is right, and what it amounts to. Calls nobody and changes nothing. */
import type { Command } from 'commander'
import type { ConfigSource, LoadedConfig } from '../../config/load.ts'
import type { Config, PassThroughSettings } from '../../config/types.ts'
import type { DescribedModel } from '../../control/catalog/described-model.ts'
import { ConfigError } from '../../config/problem.ts'
import { passPathOf } from '../../http/pass-through/pass-paths.ts'
import { formatUsd } from '../../model/money.ts'
import type { ConfigProblem } from '../../config/problem.ts'
import { CliError, exitCodes } from '../cli-error.ts'
import { printProblems, printWarnings, problemJson } from '../config-report.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig, sourceJson, sourceText } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { counted } from '../quantities.ts'
import { renderFields } from '../table.ts'

interface CheckOptions extends ConfigOptions {
  readonly json?: true
}

export function addCheck(program: Command, context: CommandContext): void {
  program
    .command('check')
    .description('Tells whether the configuration is right, and what it amounts to.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate check', 'reads the configuration that `serve` would take'],
        ['sluicegate check --config staging.yaml --json', 'for a pipeline: exits with 1 when something is wrong'],
      ),
    )
    .action((options: CheckOptions) => check(options, context))
}

async function check(options: CheckOptions, context: CommandContext): Promise<void> {
  const { out, err } = context.terminal
  let loaded: LoadedConfig
  try {
    loaded = await loadGatewayConfig(context, options)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    context.exitCode = exitCodes.failed
    if (options.json === true) printJson(out, { valid: false, problems: error.problems.map(problemJson), warnings: [] })
    else printProblems(err, error.problems)
    return
  }
  const { config, source } = loaded
  const models = await namedModels(config, context.now())
  const warnings = [...loaded.warnings, ...unpricedWarnings(config, source, models)]
  if (options.json === true) {
    printJson(out, {
      valid: true,
      problems: [],
      warnings: warnings.map(problemJson),
      source: sourceJson(source),
      ...summaryJson(config, models),
    })
    return
  }
  const { colors } = out
  out.print(`${colors.green('✓')} ${sourceText(source)} is right`)
  out.print()
  out.print(renderFields(summaryFields(config, models), colors, '  '))
  if (warnings.length > 0) err.print()
  printWarnings(err, warnings)
}

/** Models, aliases and routers, and the models that providers list: what the configuration names itself. */
async function namedModels(config: Config, now: number): Promise<DescribedModel[]> {
  const [{ compileOffline }, { listedModels }, { openModelData }, { ModelDescriber }] = await Promise.all([
    import('../offline-plan.ts'),
    import('../listed-models.ts'),
    import('../../model-data.ts'),
    import('../../control/catalog/described-model.ts'),
  ])
  try {
    const data = await openModelData(new Set([...config.providers.values()].map(({ use }) => use)))
    const plan = await compileOffline(config, now, { data })
    const describer = new ModelDescriber(
      data.catalog,
      () => config,
      () => now,
    )
    const listing = new Set(
      [...config.providers.values()].filter((entry) => entry.models !== undefined).map(({ name }) => name),
    )
    return listedModels(plan, describer).filter(
      ({ kind, deployments }) => kind !== 'provider' || listing.has(deployments[0]?.provider ?? ''),
    )
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(`the configuration cannot work: ${error.message}`)
    throw error
  }
}

/** Once for each deployment, however many names lead to it. */
function unpricedWarnings(config: Config, source: ConfigSource, models: readonly DescribedModel[]): ConfigProblem[] {
  const unpriced = new Map<string, string>()
  for (const { name, deployments } of models) {
    for (const { id, provider, price } of deployments) {
      const simulated = config.providers.get(provider)?.use === 'sim'
      if (!simulated && (price?.input === undefined || price.output === undefined) && !unpriced.has(id))
        unpriced.set(id, name)
    }
  }
  const file = source.kind === 'file' ? source.path : 'environment'
  return [...unpriced].map(([id, name]) => ({
    file,
    path: name === id ? id : `${name} → ${id}`,
    message: 'has no known price: its cost is not counted, and keys with a budget may not use it',
    hint: `set it: prices: { "${id}": { input: …, output: … } }`,
  }))
}

function listenText({ server, auth }: Config): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  const port = server.port === 0 ? '(any free port)' : String(server.port)
  return `http://${host}:${port}, ${auth.required ? 'keys required' : 'open to everyone on this machine'}`
}

function summaryFields(config: Config, models: readonly DescribedModel[]): [string, string][] {
  const leading = (kind: DescribedModel['kind']): string =>
    models
      .filter((model) => model.kind === kind)
      .map(({ name, deployments }) => `${name} → ${deployments.map(({ id }) => id).join(', ')}`)
      .join('\n')
  const providers = [...config.providers.values()].map(({ name, use, credentials, models: listed }) => {
    const details = [
      ...(use === name ? [] : [use]),
      ...(credentials.length === 0 ? [] : [counted(credentials.length, 'credential')]),
      ...(listed === undefined ? [] : [counted(listed.size, 'model')]),
    ]
    return details.length === 0 ? name : `${name} (${details.join(', ')})`
  })
  const passing = [...config.providers.values()].flatMap(({ name, passThrough }) =>
    passThrough === undefined ? [] : [passText(name, passThrough)],
  )
  const fields: [string, string][] = [
    ['listens on', listenText(config)],
    ['data', config.data.dir],
    ['providers', providers.join('\n') || 'none'],
    ['passes through', passing.join('\n')],
    ['models', leading('model')],
    ['aliases', leading('alias')],
    ['routers', leading('router')],
    ['keys', config.keys.map(({ name }) => name).join(', ') || 'none here; `sluicegate keys` makes them'],
  ]
  return fields.filter(([, value]) => value !== '')
}

/** `openai at /openai/…: GET /v1/files*; $0.01 a request` */
function passText(name: string, { paths, price }: PassThroughSettings): string {
  const what = paths === undefined ? 'every path' : paths.join(', ')
  const cost = price === undefined ? 'no price by the request' : `$${formatUsd(price.request)} a request`
  return `${name} at ${passPathOf(name)}/…: ${what}; ${cost}`
}

function passJson(name: string, { paths, price }: PassThroughSettings): object {
  return {
    path: passPathOf(name),
    paths: paths ?? null,
    request_usd: price === undefined ? null : formatUsd(price.request),
  }
}

function summaryJson(config: Config, models: readonly DescribedModel[]): object {
  return {
    server: { host: config.server.host, port: config.server.port },
    auth_required: config.auth.required,
    data_dir: config.data.dir,
    providers: [...config.providers.values()].map(({ name, use, credentials, passThrough }) => ({
      name,
      use,
      credentials: credentials.length,
      pass_through: passThrough === undefined ? null : passJson(name, passThrough),
    })),
    models: models.map(({ name, kind, deployments }) => ({ name, kind, deployments: deployments.map(({ id }) => id) })),
    keys: config.keys.map(({ name }) => name),
  }
}
