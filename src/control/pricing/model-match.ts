/** Which entry of the price data a model's name means: the data's own rules, evaluated as they are met. */
import type { FindProvider, ModelMatch, PricedModel, PricedProvider } from './price-data.ts'

/** Names come from configurations and providers; what is longer than this is none. */
const maxNameLength = 256

/** `claude-x-20250514` is also asked for as `claude-x-2025-05-14`: the data knows both spellings. */
const compactDate = /-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g

/** The first model that matches, in the provider's own list or in those of the providers whose models it serves. */
export function findModel(provider: PricedProvider, name: string, find: FindProvider): PricedModel | undefined {
  const wanted = name.trim().toLowerCase()
  if (wanted === '' || wanted.length > maxNameLength) return undefined
  return search(provider, wanted, find) ?? search(provider, wanted.replace(compactDate, '-$1-$2-$3'), find)
}

function search(provider: PricedProvider, name: string, find: FindProvider, depth = 0): PricedModel | undefined {
  const own = provider.models.find(({ id, match }) => matches(match, name) && mayBe(id, name))
  if (own !== undefined || depth > 3) return own
  for (const id of provider.fallback_model_providers ?? []) {
    const other = find(id)
    const model = other && search(other, name, find, depth + 1)
    if (model !== undefined) return model
  }
  return undefined
}

/** A model that speaks never costs what the one costs that it is named after, however widely the data's rules match. */
const mayBe = (id: string, name: string): boolean => !speaks.test(name) || speaks.test(id)

const speaks = /\btts\b/i

const expressions = new Map<string, RegExp>()

function matches(rule: ModelMatch, name: string): boolean {
  if ('or' in rule) return rule.or.some((part) => matches(part, name))
  if ('and' in rule) return rule.and.every((part) => matches(part, name))
  if ('equals' in rule) return name === rule.equals.toLowerCase()
  if ('starts_with' in rule) return name.startsWith(rule.starts_with.toLowerCase())
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase())
  if ('contains' in rule) return name.includes(rule.contains.toLowerCase())
  if (!('regex' in rule)) return false
  // There are as many as the data has, and it does not grow.
  let expression = expressions.get(rule.regex)
  if (expression === undefined) expressions.set(rule.regex, (expression = new RegExp(rule.regex)))
  return expression.test(name)
}
