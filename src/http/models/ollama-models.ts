/** What Ollama's clients ask of a server besides answers: https://github.com/ollama/ollama/blob/main/docs/api.md. */
import { createHash } from 'node:crypto'
import { ByteRope } from '../../bytes/byte-rope.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import type { ModelFacts } from '../../control/catalog/catalog-file.ts'
import { factsOf } from '../../control/catalog/described-model.ts'
import type { ModelDescriber } from '../../control/catalog/described-model.ts'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { sendJson } from '../fault-response.ts'
import { readBody } from '../read-body.ts'
import type { Route } from '../route.ts'
import type { OwnedModels } from '../../pipeline/owned-models.ts'
import { allowedModel, allowedModels, embeds, modelsCreated } from './allowed-models.ts'

/** The version of Ollama's API that is spoken here; clients choose by it what they dare to ask. */
const apiVersion = '0.12.0'
const modifiedAt = new Date(modelsCreated * 1000).toISOString()

export function ollamaModelRoutes(
  plan: () => Plan,
  owned: OwnedModels,
  describer: ModelDescriber,
  bodyLimit: number,
): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/version',
      handle: ({ response, headers }) => sendJson(response, 200, { version: apiVersion }, headers),
    },
    {
      method: 'GET',
      path: '/api/tags',
      handle: ({ response, key, headers }) =>
        sendJson(response, 200, { models: allowedModels(plan(), key, owned).map(tagOf) }, headers),
    },
    {
      // Nothing is ever loaded here, or everything always is.
      method: 'GET',
      path: '/api/ps',
      handle: ({ response, headers }) => sendJson(response, 200, { models: [] }, headers),
    },
    {
      method: 'POST',
      path: '/api/show',
      async handle({ request, response, key, headers }) {
        const { listed, route } = allowedModel(plan(), key, nameIn(await readBody(request, bodyLimit)), owned)
        const facts = factsOf(describer.describe(listed.id, route.deployments))
        sendJson(
          response,
          200,
          {
            license: '',
            modelfile: `FROM ${listed.id}`,
            parameters: '',
            template: '',
            details: detailsOf(listed),
            model_info: {
              'general.architecture': listed.ownedBy,
              ...(facts.context !== undefined && { [`${listed.ownedBy}.context_length`]: facts.context }),
            },
            capabilities: [...capabilitiesOf(facts), ...(embeds(route, facts) ? ['embedding'] : [])],
            modified_at: modifiedAt,
          },
          headers,
        )
      },
    },
  ]
}

/** Clients do not even try what is not in here, so only what a model is known not to have is left out. */
function capabilitiesOf({ tools, inputs, reasoning }: ModelFacts): string[] {
  return [
    'completion',
    ...(tools === false ? [] : ['tools']),
    ...(inputs?.includes('image') === false ? [] : ['vision']),
    ...(reasoning === false ? [] : ['thinking']),
  ]
}

function nameIn(body: Uint8Array | ByteRope): string {
  let json: unknown
  try {
    json = parseJson(Buffer.from(body instanceof ByteRope ? body.whole() : body).toString('utf8'))
  } catch (error) {
    throw new Fault('invalid_json', 'The body is not valid JSON: send {"model": "…"}.', { cause: error })
  }
  const name = isJsonObject(json) ? (json['model'] ?? json['name']) : undefined
  if (typeof name !== 'string' || name === '')
    throw new Fault('invalid_request', '`model` must be the name of a model.', { param: 'model' })
  return name
}

const tagOf = (model: ListedModel) => ({
  name: model.id,
  model: model.id,
  modified_at: modifiedAt,
  size: 0,
  digest: createHash('sha256').update(model.id).digest('hex'),
  details: detailsOf(model),
})

const detailsOf = ({ ownedBy }: ListedModel) => ({
  parent_model: '',
  format: 'remote',
  family: ownedBy,
  families: [ownedBy],
  parameter_size: '',
  quantization_level: '',
})
