/** The price data that the gateway works with: it knows the context of some models, and models of providers that nobody else lists. */
import type { ModelFacts } from '../../src/control/catalog/catalog-file.ts'
import { knownOf, recordOf, tokensOf } from './statement.ts'
import type { Statement } from './statement.ts'

/** `models` as the price data has them for the service of our driver `provider`. Their prices need no second place. */
export function fromGenaiPrices(provider: string, models: readonly unknown[]): Statement[] {
  return models.map(recordOf).flatMap((model) => {
    const { id, name } = model
    if (typeof id !== 'string') return []
    return [
      {
        provider,
        id,
        facts: knownOf<ModelFacts>({
          name: typeof name === 'string' ? name : undefined,
          context: tokensOf(model['context_window']),
          status: model['deprecated'] === true ? 'deprecated' : undefined,
        }),
      },
    ]
  })
}
