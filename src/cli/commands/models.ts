/** `sluicegate models`: what clients can ask for, who serves it, what it can and what it costs; and what there is besides. */
import type { Command } from 'commander'
import type { Config } from '../../config/types.ts'
import type { DescribedDeployment, DescribedModel } from '../../control/catalog/described-model.ts'
import type { ModelData } from '../../model-data.ts'
import type { DiscoveredModels } from '../../pipeline/plan/compile-plan.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { listedModels, rateText, tokensText } from '../listed-models.ts'
import { counted } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface ModelsOptions extends ConfigOptions {
  readonly search?: string
  readonly all?: true
  readonly offline?: true
  readonly json?: true
}

/** How long providers are waited for that tell their models only when asked. */
const patienceMs = 3000

export function addModels(program: Command, context: CommandContext): void {
  program
    .command('models')
    .description('Lists what clients can ask for, who serves it, what it can and what it costs.')
    .argument('[name]', 'one model, to be told wholly')
    .option('-c, --config <file>', 'the configuration file')
    .option('--search <words>', 'only those that have all of these words: parts of names, `vision`, `ctx>=200k`, …')
    .option('--all', 'every model that is known, configured or not')
    .option('--offline', 'do not ask servers of your own which models they have')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate models', 'everything that is configured'],
        ['sluicegate models --search "claude haiku"', 'only what has both words in its name'],
        ['sluicegate models --all --search "vision tools ctx>=200k"', 'what could be configured, by what it can'],
        ['sluicegate models openai/gpt-4o', 'all that is known of one, and who says so'],
      ),
    )
    .action((name: string | undefined, options: ModelsOptions) =>
      name === undefined ? listModels(options, context) : showModel(name, options, context),
    )
}

async function showModel(name: string, options: ModelsOptions, context: CommandContext): Promise<void> {
  if (options.search !== undefined || options.all === true)
    throw new CliError('a name does not go together with --search or --all', { kind: 'usage' })
  const { config } = await loadGatewayConfig(context, options)
  const { describer, plan, data } = await looked(config, context)
  const { knownModel } = await import('../known-models.ts')
  const route = plan.resolve(name)
  const model =
    route === undefined ? knownModel(name, data, context.now()) : describer.describe(name, route.deployments)
  if (model === undefined) {
    const near = plan.nearest(name)
    const instead = near.length === 0 ? '' : `did you mean ${near.join(', ')}? `
    throw new CliError(`no model is known as "${name}"`, {
      hint: `${instead}\`sluicegate models --all\` lists what there is`,
    })
  }
  const { out } = context.terminal
  if (options.json === true) printJson(out, { name, ...describer.json(model) })
  else {
    const { modelText } = await import('../model-text.ts')
    out.print(modelText(model, data.catalog, out.colors))
  }
}

async function listModels(options: ModelsOptions, context: CommandContext): Promise<void> {
  const { searchFor } = await import('../../control/catalog/search.ts')
  const fits = readable(() => searchFor(options.search ?? ''))
  const { config } = await loadGatewayConfig(context, options)
  const { out, err } = context.terminal
  const { all, describer } =
    options.all === true ? await everything(config, context) : await configured(config, options, context)
  const models = all.filter(({ name, deployments }) =>
    fits({
      names: [name, ...deployments.flatMap(({ id, facts }) => (facts?.name === undefined ? [id] : [id, facts.name]))],
      facts: deployments.flatMap(({ facts, maxOutput }) =>
        facts === undefined && maxOutput === undefined
          ? []
          : [{ ...facts, ...(maxOutput !== undefined && { maxOutput }) }],
      ),
    }),
  )
  if (options.json === true) {
    printJson(out, { models: models.map((model) => ({ name: model.name, ...describer.json(model) })) })
    return
  }
  if (models.length === 0) {
    err.print(all.length === 0 ? 'No models are known.' : `None of ${counted(all.length, 'model')} has all of that.`)
    return
  }
  out.print(modelsTable(models, context))
  err.print(err.colors.dim(notesOn(models).join('  ·  ')))
}

async function everything(config: Config, context: CommandContext) {
  const { data, describer } = await looked(config, context)
  const { knownModels } = await import('../known-models.ts')
  return { all: knownModels(data, context.now()), describer }
}

async function configured(config: Config, options: ModelsOptions, context: CommandContext) {
  const { discoverModels } = await import('../offline-plan.ts')
  const found = options.offline === true ? undefined : await discoverModels(config, patienceMs)
  const { err } = context.terminal
  for (const provider of found?.silent ?? []) {
    err.print(
      `${err.colors.yellow('warning:')} ${provider} did not tell its models; they can be asked for by name all the same`,
    )
  }
  const { plan, describer } = await looked(config, context, found?.discovered)
  return { all: listedModels(plan, describer), describer }
}

async function looked(config: Config, context: CommandContext, discovered?: DiscoveredModels) {
  const [{ compileOffline }, { openModelData }, { ModelDescriber }] = await Promise.all([
    import('../offline-plan.ts'),
    import('../../model-data.ts'),
    import('../../control/catalog/described-model.ts'),
  ])
  const data: ModelData = await openModelData()
  const plan = await compileOffline(config, context.now(), { data, ...(discovered !== undefined && { discovered }) })
  return { data, plan, describer: new ModelDescriber(data.catalog, () => config, context.now) }
}

/** What the words mean is told by those who read them; that they cannot be read is a mistake of the command line. */
function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(error.message, { kind: 'usage' })
    throw error
  }
}

function modelsTable(models: readonly DescribedModel[], { terminal: { out } }: CommandContext): string {
  const { colors, width } = out
  const each = (text: (deployment: DescribedDeployment) => string) => (model: DescribedModel) =>
    model.deployments.map(text).join('\n')
  return renderTable<DescribedModel>(
    [
      { title: 'NAME', text: ({ name }) => name, flexible: true, paint: (text) => colors.bold(text) },
      { title: 'KIND', text: ({ kind }) => kind, paint: (text) => colors.dim(text) },
      { title: 'SERVED BY', text: each(({ id }) => id), flexible: true },
      { title: 'CONTEXT', align: 'right', text: each(({ facts }) => tokensText(facts?.context)) },
      {
        title: 'MAX OUT',
        align: 'right',
        text: each(({ facts, maxOutput }) => tokensText(maxOutput ?? facts?.maxOutput)),
      },
      { title: '$/M IN', align: 'right', text: each(({ price }) => rateText(price?.input)) },
      { title: '$/M OUT', align: 'right', text: each(({ price }) => rateText(price?.output)) },
    ],
    models,
    { colors, width },
  )
}

function notesOn(models: readonly DescribedModel[]): string[] {
  const shown = models.flatMap(({ deployments }) => deployments)
  return [
    counted(models.length, 'name'),
    ...(shown.some(({ price }) => [price?.input, price?.output].some((rate) => rateText(rate).endsWith('+')))
      ? ['+ dearer for long requests']
      : []),
    ...(shown.some(({ price }) => price?.input === undefined || price.output === undefined)
      ? ['? unknown; prices are set under `prices`']
      : []),
  ]
}
