/**
 * The list of models a key may use, at the path that three protocols share: in OpenAI's shape, or in Anthropic's or Google's when the
 * client says that it speaks theirs.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ModelDescriber } from '../../control/catalog/described-model.ts'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { sendJson } from '../fault-response.ts'
import { protocolOf } from '../protocol.ts'
import type { Route } from '../route.ts'
import type { OwnedModels } from '../../pipeline/owned-models.ts'
import { allowedModel, allowedModels, modelsCreated } from './allowed-models.ts'
import { anthropicModel, anthropicPage } from './anthropic-models.ts'
import { geminiModel, geminiPage } from './gemini-models.ts'

const path = '/v1/models'

export function openaiModelRoutes(plan: () => Plan, owned: OwnedModels, describer: ModelDescriber): Route[] {
  return [
    {
      method: 'GET',
      path,
      handle({ request, response, key, query, headers }) {
        const full = isFull(query)
        const current = plan()
        const models = allowedModels(current, key, owned)
        const describe = ({ id }: ListedModel) =>
          describer.describe(id, (owned.routeOf(current, key?.id ?? '', id) ?? current.resolve(id))?.deployments ?? [])
        const shapes = {
          anthropic: () => anthropicPage(models, query, describe, describer.now()),
          gemini: () => geminiPage(current, describer, models, query),
          openai: () => ({
            object: 'list',
            data: models.map((model) => ({ ...openaiModel(model), ...(full && describer.json(describe(model))) })),
          }),
        }
        sendJson(response, 200, shapes[spokenBy(request.headers)](), headers)
      },
    },
    {
      method: 'GET',
      path: `${path}/{model*}`,
      handle({ request, response, key, params, query, headers }) {
        const full = isFull(query)
        const { listed, route } = allowedModel(plan(), key, params['model'] ?? '', owned)
        const describe = () => describer.describe(listed.id, route.deployments)
        const shapes = {
          anthropic: () => anthropicModel(describe(), describer.now()),
          gemini: () => geminiModel(listed, route, describer),
          openai: () => ({ ...openaiModel(listed), ...(full && describer.json(describe())) }),
        }
        sendJson(response, 200, shapes[spokenBy(request.headers)](), headers)
      },
    },
  ]
}

function spokenBy(headers: IncomingHttpHeaders): 'openai' | 'anthropic' | 'gemini' {
  const protocol = protocolOf(path, headers)
  return protocol === 'ollama' ? 'openai' : protocol
}

const openaiModel = ({ id, ownedBy }: ListedModel) => ({
  id,
  object: 'model',
  created: modelsCreated,
  owned_by: ownedBy,
})

function isFull(query: URLSearchParams): boolean {
  const detail = query.get('detail')
  if (detail !== null && detail !== 'full')
    throw new Fault('invalid_request', 'detail can be "full"; leave it out for the short form.', { param: 'detail' })
  return detail !== null
}
