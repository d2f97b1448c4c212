/** Every model that the catalog knows, configured or not, told as the configured ones are. */
import type { DescribedModel } from '../control/catalog/described-model.ts'
import type { CatalogModel } from '../control/catalog/model-catalog.ts'
import type { ModelData } from '../model-data.ts'

export function knownModels({ catalog, prices }: ModelData, at: number): DescribedModel[] {
  return catalog.all().map((model) => {
    const deployment = deploymentOf(model, prices, at)
    return { name: deployment.id, kind: 'catalog', deployments: [deployment] }
  })
}

/** The catalog's models of that name: of one driver when it is `driver/model`, of all when it is the name alone. */
export function knownModel(name: string, { catalog, prices }: ModelData, at: number): DescribedModel | undefined {
  const slash = name.indexOf('/')
  const [driver, model] = [name.slice(0, slash), name.slice(slash + 1)]
  const entry = slash > 0 && catalog.providers().includes(driver) ? catalog.factsOf(driver, model) : undefined
  const found =
    entry === undefined
      ? catalog.providers().flatMap((provider) => {
          const same = catalog.entryOf(provider, name)
          return same === undefined ? [] : [{ provider, entry: same }]
        })
      : [{ provider: driver, entry }]
  if (found.length === 0) return undefined
  return { name, kind: 'catalog', deployments: found.map((one) => deploymentOf(one, prices, at)) }
}

function deploymentOf({ provider, entry }: CatalogModel, prices: ModelData['prices'], at: number) {
  const { id: model } = entry
  return { id: `${provider}/${model}`, provider, model, facts: entry, price: prices.priceOf(provider, model, at) }
}
