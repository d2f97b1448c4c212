/** What Ollama's clients ask of a server besides answers: https://github.com/ollama/ollama/blob/main/docs/api.md. */
import { createHash } from 'node:crypto'
import { ByteRope } from '../../bytes/byte-rope.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { sendJson } from '../fault-response.ts'
import { readBody } from '../read-body.ts'
import type { Route } from '../route.ts'
import { allowedModel, allowedModels, embeds, modelsCreated } from './allowed-models.ts'

/** The version of Ollama's API that is spoken here; clients choose by it what they dare to ask. */
const apiVersion = '0.12.0'
const modifiedAt = new Date(modelsCreated * 1000).toISOString()
const capabilities = ['completion', 'tools', 'vision', 'thinking']

export function ollamaModelRoutes(plan: () => Plan, bodyLimit: number): Route[] {
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
        sendJson(response, 200, { models: allowedModels(plan(), key).map(tagOf) }, headers),
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
        const { listed, route } = allowedModel(plan(), key, nameIn(await readBody(request, bodyLimit)))
        sendJson(
          response,
          200,
          {
            license: '',
            modelfile: `FROM ${listed.id}`,
            parameters: '',
            template: '',
            details: detailsOf(listed),
            model_info: { 'general.architecture': listed.ownedBy },
            capabilities: embeds(route) ? [...capabilities, 'embedding'] : capabilities,
            modified_at: modifiedAt,
          },
          headers,
        )
      },
    },
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
