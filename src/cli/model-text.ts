/** One model wholly, for people: of every deployment what it is, what it can, what it costs, and who says so. */
import type { CatalogEntry, ModelFacts } from '../control/catalog/catalog-file.ts'
import type { DescribedDeployment, DescribedModel } from '../control/catalog/described-model.ts'
import { sourcesOf } from '../control/catalog/facts-json.ts'
import type { ModelCatalog } from '../control/catalog/model-catalog.ts'
import { formatUsd } from '../model/money.ts'
import type { PriceSheet, TieredRate } from '../model/price.ts'
import { renderFields } from './table.ts'
import type { Colors } from './terminal.ts'

const unknown = 'unknown'

export function modelText({ name, kind, deployments }: DescribedModel, catalog: ModelCatalog, colors: Colors): string {
  const head = `${colors.bold(name)} ${colors.dim(`(${kind === 'provider' ? "a provider's own model" : kind})`)}`
  return [head, ...deployments.map((deployment) => deploymentText(deployment, catalog, colors))].join('\n\n')
}

function deploymentText(deployment: DescribedDeployment, catalog: ModelCatalog, colors: Colors): string {
  const { id, model, facts, price, maxOutput } = deployment
  const fields: [string, string][] = [
    ['served by', id],
    ...(facts === undefined || facts.id === model ? [] : [['facts of', facts.id] as [string, string]]),
    ...factFields(facts ?? {}, maxOutput),
    ['price', price === undefined ? unknown : priceText(price)],
    ...(facts === undefined ? [] : [['sources', sourcesText(facts, catalog)] as [string, string]]),
  ]
  return renderFields(fields, colors)
}

function factFields(facts: ModelFacts, maxOutput: number | undefined): [string, string][] {
  const tokens = (count: number | undefined): string => (count === undefined ? unknown : `${count} tokens`)
  const said = (fact: boolean | undefined): string => (fact === undefined ? unknown : fact ? 'yes' : 'no')
  return [
    ['called', facts.name ?? unknown],
    ['for', facts.task ?? unknown],
    ['context', tokens(facts.context)],
    ['max input', tokens(facts.maxInput ?? facts.context)],
    ['max output', mostOutput(facts.maxOutput, maxOutput)],
    ['takes', facts.inputs?.join(', ') ?? unknown],
    ['gives', facts.outputs?.join(', ') ?? unknown],
    ['tools', said(facts.tools)],
    ['vision', said(facts.inputs?.includes('image'))],
    ['reasoning', said(facts.reasoning)],
    ['structured', said(facts.structured)],
    ['prompt cache', said(facts.caching)],
    ['knows until', facts.knowledge ?? unknown],
    ['released', facts.released ?? unknown],
    ['retires', facts.retires ?? unknown],
    ['status', facts.status ?? 'nothing told'],
    ['open weights', said(facts.openWeights)],
  ]
}

/** What the model can, and what requests here are taken to ask for at most. */
function mostOutput(fact: number | undefined, here: number | undefined): string {
  const most = fact ?? here
  if (most === undefined) return unknown
  return here === undefined || here === most ? `${most} tokens` : `${most} tokens, here ${here}`
}

const dimensions = {
  input: 'input',
  cacheRead: 'cache read',
  cacheWrite: 'cache write',
  cacheWrite1h: 'cache write for an hour',
  inputAudio: 'audio in',
  inputImage: 'images in',
  output: 'output',
  reasoning: 'reasoning',
  outputAudio: 'audio out',
  outputImage: 'images out',
} as const

function priceText(price: PriceSheet): string {
  const lines = Object.entries(dimensions).flatMap(([dimension, title]) => {
    const rate = price[dimension as keyof typeof dimensions]
    return rate === undefined ? [] : [`${title} ${tieredText(rate)}`]
  })
  const units = Object.entries(price.units ?? {}).map(([name, rate]) => `${name} ${formatUsd(rate)}`)
  return [...lines, ...units, `US dollars per million, from ${price.source}`].join('\n')
}

const tieredText = ({ base, tiers = [] }: TieredRate): string =>
  [formatUsd(base), ...tiers.map(({ above, rate }) => `${formatUsd(rate)} above ${above} tokens`)].join(', ')

function sourcesText(entry: CatalogEntry, catalog: ModelCatalog): string {
  return sourcesOf(entry, catalog)
    .map(({ source: { title, url, version, read }, facts }) => {
      const which = facts === undefined ? '' : ` for ${facts.join(', ')}`
      return `${title}${which}: ${version ?? url}, read ${read}`
    })
    .join('\n')
}
