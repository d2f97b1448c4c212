/** What clients can ask for by name: models, aliases, routers and providers' own models, with what is known of them; and figures as text. */
import type { DescribedModel, ModelDescriber } from '../control/catalog/described-model.ts'
import type { Plan } from '../kernel/plan.ts'
import { formatUsd } from '../model/money.ts'
import type { TieredRate } from '../model/price.ts'

export function listedModels(plan: Plan, describer: ModelDescriber): DescribedModel[] {
  return plan.list().map(({ id }) => describer.describe(id, plan.resolve(id)?.deployments ?? []))
}

/** US dollars per million tokens: `2.5`, `1.25+` where long requests are dearer, `?` where it is unknown. */
export function rateText(rate: TieredRate | undefined): string {
  if (rate === undefined) return '?'
  return `${formatUsd(rate.base)}${rate.tiers === undefined || rate.tiers.length === 0 ? '' : '+'}`
}

/** `128k`, `1.05M`, `?` where it is unknown. */
export function tokensText(tokens: number | undefined): string {
  if (tokens === undefined) return '?'
  if (tokens < 1000) return String(tokens)
  const [size, unit] = tokens < 999_500 ? [tokens / 1000, 'k'] : [tokens / 1_000_000, 'M']
  return `${Number(size.toFixed(size < 10 ? 2 : 0))}${unit}`
}
