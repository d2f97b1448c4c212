/** `sluicegate models`: what clients can ask for, who serves it, and what it costs. */
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { listedModels, priceJson, rateText } from '../listed-models.ts'
import type { ListedDeployment, ListedModel } from '../listed-models.ts'
import { counted } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface ModelsOptions extends ConfigOptions {
  readonly search?: string
  readonly offline?: true
  readonly json?: true
}

/** How long providers are waited for that tell their models only when asked. */
const patienceMs = 3000

export function addModels(program: Command, context: CommandContext): void {
  program
    .command('models')
    .description('Lists what clients can ask for, who serves it, and its price.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--search <text>', 'only names with all of these words in them')
    .option('--offline', 'do not ask servers of your own which models they have')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate models', 'everything there is'],
        ['sluicegate models --search "claude haiku"', 'only what has both words in its name'],
      ),
    )
    .action((options: ModelsOptions) => listModels(options, context))
}

async function listModels(options: ModelsOptions, context: CommandContext): Promise<void> {
  const { config } = await loadGatewayConfig(context, options)
  const { compileOffline, discoverModels } = await import('../offline-plan.ts')
  const found = options.offline === true ? undefined : await discoverModels(config, patienceMs)
  const plan = await compileOffline(config, context.now(), found?.discovered)
  const all = listedModels(config, plan, context.now())
  const words = (options.search ?? '').toLowerCase().split(/\s+/)
  const models = all.filter(({ name, deployments }) => {
    const text = [name, ...deployments.map(({ id }) => id)].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })

  const { out, err } = context.terminal
  for (const provider of found?.silent ?? []) {
    err.print(
      `${err.colors.yellow('warning:')} ${provider} did not tell its models; they can be asked for by name all the same`,
    )
  }
  if (options.json === true) {
    printJson(out, { models: models.map(modelJson) })
    return
  }
  if (models.length === 0) {
    err.print(
      all.length === 0 ? 'No models are known.' : `None of ${counted(all.length, 'model')} has that in its name.`,
    )
    return
  }
  const { colors } = out
  const each = (text: (deployment: ListedDeployment) => string) => (model: ListedModel) =>
    model.deployments.map(text).join('\n')
  out.print(
    renderTable<ListedModel>(
      [
        { title: 'NAME', text: ({ name }) => name, flexible: true, paint: (text) => colors.bold(text) },
        { title: 'KIND', text: ({ kind }) => kind, paint: (text) => colors.dim(text) },
        { title: 'SERVED BY', text: each(({ id }) => id), flexible: true },
        { title: '$/M IN', align: 'right', text: each(({ price }) => rateText(price?.input)) },
        { title: '$/M OUT', align: 'right', text: each(({ price }) => rateText(price?.output)) },
      ],
      models,
      { colors, width: out.width },
    ),
  )
  const shown = models.flatMap(({ deployments }) => deployments)
  const notes = [
    counted(models.length, 'name'),
    ...(shown.some(({ price }) => [price?.input, price?.output].some((rate) => rateText(rate).endsWith('+')))
      ? ['+ dearer for long requests']
      : []),
    ...(shown.some(({ price }) => price?.input === undefined || price.output === undefined)
      ? ['? price unknown: set it under `prices`']
      : []),
  ]
  err.print(err.colors.dim(notes.join('  ·  ')))
}

function modelJson({ name, kind, deployments }: ListedModel): object {
  return {
    name,
    kind,
    deployments: deployments.map(({ id, provider, model, price, maxOutput }) => ({
      id,
      provider,
      model,
      max_output: maxOutput ?? null,
      price: priceJson(price),
    })),
  }
}
