/** What clients can ask for by name: models, aliases, routers and providers' own models, with who serves them at what price. */
import type { Config } from '../config/types.ts'
import type { Deployment } from '../kernel/deployment.ts'
import type { Plan } from '../kernel/plan.ts'
import { formatUsd } from '../model/money.ts'
import type { PriceSheet, TieredRate } from '../model/price.ts'

export type ModelKind = 'model' | 'alias' | 'router' | 'provider'

export interface ListedModel {
  readonly name: string
  /** `provider`: a provider's own model, named `provider/model`. */
  readonly kind: ModelKind
  readonly deployments: readonly ListedDeployment[]
}

export interface ListedDeployment extends Pick<Deployment, 'id' | 'provider' | 'model' | 'maxOutput'> {
  /** As it is now. */
  readonly price: PriceSheet | undefined
}

/** With the prices of the moment `at`, in Unix milliseconds. */
export function listedModels(config: Config, plan: Plan, at: number): ListedModel[] {
  const listed = (deployment: Deployment): ListedDeployment => {
    const { id, provider, model, maxOutput } = deployment
    return { id, provider, model, price: deployment.priceAt(at), ...(maxOutput !== undefined && { maxOutput }) }
  }
  return plan.list().map(({ id }) => ({
    name: id,
    kind: kindOf(id, config),
    deployments: (plan.resolve(id)?.deployments ?? []).map(listed),
  }))
}

function kindOf(name: string, config: Config): ModelKind {
  if (config.models.has(name)) return 'model'
  if (config.aliases.has(name)) return 'alias'
  return config.routers.has(name) ? 'router' : 'provider'
}

/** US dollars per million tokens: `2.5`, `1.25+` where long requests are dearer, `?` where it is unknown. */
export function rateText(rate: TieredRate | undefined): string {
  if (rate === undefined) return '?'
  return `${formatUsd(rate.base)}${rate.tiers === undefined || rate.tiers.length === 0 ? '' : '+'}`
}

/** For `--json`: every dimension of the price that is a rate, in US dollars per million, as decimal text. */
export function priceJson(price: PriceSheet | undefined): object | null {
  if (price === undefined) return null
  const rates = {
    input: price.input,
    cache_read: price.cacheRead,
    cache_write: price.cacheWrite,
    cache_write_1h: price.cacheWrite1h,
    input_audio: price.inputAudio,
    input_image: price.inputImage,
    output: price.output,
    reasoning: price.reasoning,
    output_audio: price.outputAudio,
    output_image: price.outputImage,
  }
  const known = Object.entries(rates).flatMap(([dimension, rate]) =>
    rate === undefined ? [] : [[dimension, rateJson(rate)]],
  )
  return { source: price.source, usd_per_million: Object.fromEntries(known) as object }
}

function rateJson({ base, tiers = [] }: TieredRate): object {
  return { base: formatUsd(base), tiers: tiers.map(({ above, rate }) => ({ above, rate: formatUsd(rate) })) }
}
