/** What can be said of a name that may lead to one of several models: what holds whichever of them answers. */
import type { ModelFacts } from './catalog-file.ts'

type Modality = NonNullable<ModelFacts['inputs']>[number]

/** A limit or an ability is known when it is known of all of them. */
export function factsOfAll(models: readonly (ModelFacts | undefined)[]): ModelFacts {
  const [only] = models
  if (models.length <= 1) return only ?? {}
  const all = <K extends keyof ModelFacts>(fact: K): NonNullable<ModelFacts[K]>[] | undefined => {
    const values = models.flatMap((facts) => (facts?.[fact] === undefined ? [] : [facts[fact]]))
    return values.length === models.length ? values : undefined
  }
  const least = (fact: 'context' | 'maxInput' | 'maxOutput') => {
    const values = all(fact)
    return values && { [fact]: Math.min(...values) }
  }
  const every = (fact: 'tools' | 'reasoning' | 'structured' | 'caching') => {
    if (models.some((facts) => facts?.[fact] === false)) return { [fact]: false }
    return all(fact) && { [fact]: true }
  }
  const inputs = all('inputs')?.reduce<readonly Modality[]>(
    (common, more) => common.filter((modality) => more.includes(modality)),
    ['text', 'image', 'audio', 'video', 'pdf'],
  )
  return {
    ...least('context'),
    ...least('maxInput'),
    ...least('maxOutput'),
    ...(inputs !== undefined && inputs.length > 0 && { inputs: [...inputs] }),
    ...every('tools'),
    ...every('reasoning'),
    ...every('structured'),
    ...every('caching'),
  }
}
