/** What can be told of a name that clients may ask for: its kind, and of every deployment it can lead to facts and price. */
import type { Config } from '../../config/types.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { PriceSheet } from '../../model/price.ts'
import { isVirtualModel } from '../../model/virtual-model.ts'
import { priceJson } from '../pricing/price-json.ts'
import type { CatalogEntry, ModelFacts } from './catalog-file.ts'
import { factsJson } from './facts-json.ts'
import { factsOfAll } from './facts-of-all.ts'
import type { ModelCatalog } from './model-catalog.ts'

/** `provider`: a provider's own model, named `provider/model`; `catalog`: one that is known, and perhaps not configured. */
export type ModelKind = 'model' | 'alias' | 'router' | 'provider' | 'catalog'

export interface DescribedModel {
  readonly name: string
  readonly kind: ModelKind
  readonly deployments: readonly DescribedDeployment[]
}

export interface DescribedDeployment extends Pick<Deployment, 'id' | 'provider' | 'model' | 'maxOutput'> {
  /** As it is now. */
  readonly price: PriceSheet | undefined
  readonly facts: CatalogEntry | undefined
}

export class ModelDescriber {
  readonly catalog: ModelCatalog
  /** Unix milliseconds. */
  readonly now: () => number
  readonly #config: () => Config

  constructor(catalog: ModelCatalog, config: () => Config, now: () => number) {
    this.catalog = catalog
    this.#config = config
    this.now = now
  }

  describe(name: string, deployments: readonly Deployment[]): DescribedModel {
    // A deployment with several credentials is there once for each.
    const distinct = new Map(deployments.map((deployment) => [deployment.id, deployment]))
    return { name, kind: this.#kindOf(name), deployments: [...distinct.values()].map((one) => this.#deployment(one)) }
  }

  json({ kind, deployments }: DescribedModel): object {
    return {
      kind,
      deployments: deployments.map(({ id, provider, model, price, maxOutput, facts }) => ({
        id,
        provider,
        model,
        max_output: maxOutput ?? null,
        facts: factsJson(facts, this.catalog),
        price: priceJson(price),
      })),
    }
  }

  #deployment(deployment: Deployment): DescribedDeployment {
    const { id, provider, model, maxOutput } = deployment
    const driver = this.#config().providers.get(provider)?.use
    return {
      id,
      provider,
      model,
      ...(maxOutput !== undefined && { maxOutput }),
      price: deployment.priceAt(this.now()),
      facts: driver === undefined ? undefined : this.catalog.factsOf(driver, model),
    }
  }

  #kindOf(name: string): ModelKind {
    const { models, aliases, routers } = this.#config()
    if (models.has(name)) return 'model'
    if (aliases.has(name)) return 'alias'
    return routers.has(name) || isVirtualModel(name) ? 'router' : 'provider'
  }
}

/** What holds whichever of its deployments answers; the configuration's limits come before those of the catalog. */
export function factsOf({ deployments }: DescribedModel): ModelFacts {
  return factsOfAll(
    deployments.map(({ facts, maxOutput }) => (maxOutput === undefined ? facts : { ...facts, maxOutput })),
  )
}
