/** The list of models in Google's shape: https://ai.google.dev/api/models. Names stand behind `models/`, as its clients expect. */
import { factsOf } from '../../control/catalog/described-model.ts'
import type { ModelDescriber } from '../../control/catalog/described-model.ts'
import type { Route as ModelRoute } from '../../kernel/route.ts'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { sendJson } from '../fault-response.ts'
import type { Route } from '../route.ts'
import type { OwnedModels } from '../../pipeline/owned-models.ts'
import { allowedModel, allowedModels, embeds } from './allowed-models.ts'

const defaultPage = 50
const largestPage = 1000

export function geminiModelRoutes(plan: () => Plan, owned: OwnedModels, describer: ModelDescriber): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1beta/models',
      handle({ response, key, query, headers }) {
        sendJson(response, 200, geminiPage(plan(), describer, allowedModels(plan(), key, owned), query), headers)
      },
    },
    {
      method: 'GET',
      path: '/v1beta/models/{model*}',
      handle({ response, key, params, headers }) {
        const { listed, route } = allowedModel(plan(), key, params['model'] ?? '', owned)
        sendJson(response, 200, geminiModel(listed, route, describer), headers)
      },
    },
  ]
}

/** The token of a page is the place where it begins. */
export function geminiPage(
  plan: Plan,
  describer: ModelDescriber,
  models: readonly ListedModel[],
  query: URLSearchParams,
) {
  const size = wholeNumber(query, 'pageSize', defaultPage)
  const start = wholeNumber(query, 'pageToken', 0)
  const end = start + Math.min(size === 0 ? defaultPage : size, largestPage)
  return {
    models: models.slice(start, end).map((model) => geminiModel(model, plan.resolve(model.id), describer)),
    ...(end < models.length && { nextPageToken: String(end) }),
  }
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null || text === '') return otherwise
  if (!/^\d{1,9}$/.test(text))
    throw new Fault('invalid_request', `${name} must be a whole number of 0 or more.`, { param: name })
  return Number(text)
}

export function geminiModel({ id }: ListedModel, route: ModelRoute | undefined, describer: ModelDescriber) {
  const facts = factsOf(describer.describe(id, route?.deployments ?? []))
  const { context, maxInput, maxOutput, reasoning } = facts
  const inputTokenLimit = maxInput ?? context
  return {
    name: `models/${id}`,
    baseModelId: id,
    version: '001',
    displayName: id,
    ...(inputTokenLimit !== undefined && { inputTokenLimit }),
    ...(maxOutput !== undefined && { outputTokenLimit: maxOutput }),
    supportedGenerationMethods: ['generateContent', 'countTokens', ...(embeds(route, facts) ? ['embedContent'] : [])],
    ...(reasoning !== undefined && { thinking: reasoning }),
  }
}
