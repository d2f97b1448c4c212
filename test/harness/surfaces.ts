/**
 * The routes that clients speak to beside Chat Completions and Messages, each with requests of every kind that its protocol has, and
 * its shape of an error.
 */
import { chatFixtures } from '../../src/dialects/ollama/fixtures-chat.ts'
import { generateFixtures } from '../../src/dialects/ollama/fixtures-generate.ts'
import { requests as geminiRequests } from '../../src/dialects/gemini/fixtures/requests.ts'
import { completions } from '../../src/dialects/openai-completions/fixtures-completions.ts'
import { requests as responsesRequests } from '../../src/dialects/openai-responses/fixtures/requests.ts'
import { requests as messagesRequests } from '../../src/dialects/anthropic-messages/fixtures-requests.ts'
import { requests as chatRequests } from '../../src/dialects/openai-chat/fixtures/requests.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { isJsonObject } from '../../src/model/json.ts'

export interface ClientSurface {
  readonly name: string
  /** The dialect that is spoken at it. */
  readonly dialect: string
  /** What operation a target must have. */
  readonly counts: boolean
  /** The model stands in the path. */
  readonly addressed: boolean
  path(model: string): string
  /** Complete requests, without the model where the path has it. */
  readonly requests: readonly JsonObject[]
  /** The member that holds the turns. */
  readonly turns: string
  /** What an error says; undefined where it has not the shape of one. */
  errorIn(body: unknown): string | undefined
}

const messageIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

function openaiError(body: unknown): string | undefined {
  const error = objectOf(objectOf(body)['error'])
  const shaped = typeof error['type'] === 'string' && 'param' in error && 'code' in error
  return shaped ? messageIn(error['message']) : undefined
}
function anthropicError(body: unknown): string | undefined {
  const error = objectOf(objectOf(body)['error'])
  return objectOf(body)['type'] === 'error' && typeof error['type'] === 'string'
    ? messageIn(error['message'])
    : undefined
}
function geminiError(body: unknown): string | undefined {
  const { code, status, message } = objectOf(objectOf(body)['error'])
  return typeof code === 'number' && typeof status === 'string' ? messageIn(message) : undefined
}
const ollamaError = (body: unknown): string | undefined => messageIn(objectOf(body)['error'])

const requestsOf = (fixtures: readonly { readonly request?: JsonObject }[]): JsonObject[] =>
  fixtures.flatMap(({ request }) => (request === undefined ? [] : [request]))

function without(request: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(request).filter(([name]) => !names.includes(name)))
}

/** Without what an earlier request would have had to leave behind. */
const onTheirOwn = (requests: readonly JsonObject[]): JsonObject[] =>
  requests
    .map((request) => without(request, ['previous_response_id', 'conversation', 'background', 'prompt']))
    .filter(({ input }) => input !== undefined && JSON.stringify(input) !== '[]')

const fixed = (path: string): Pick<ClientSurface, 'path' | 'name' | 'addressed' | 'counts'> => ({
  name: path,
  path: () => path,
  addressed: false,
  counts: /count_tokens|input_tokens/.test(path),
})
const gemini = (method: string, query = ''): ClientSurface => ({
  name: `${method}${query}`,
  dialect: 'gemini',
  counts: method === 'countTokens',
  addressed: true,
  path: (model) => `/v1beta/models/${model}:${method}${query}`,
  requests:
    method === 'countTokens'
      ? requestsOf(geminiRequests).map((request) => ({ contents: request['contents'] ?? [] }))
      : requestsOf(geminiRequests),
  turns: 'contents',
  errorIn: geminiError,
})

export const clientSurfaces: readonly ClientSurface[] = [
  {
    ...fixed('/v1/chat/completions'),
    dialect: 'openai-chat',
    requests: requestsOf(chatRequests),
    turns: 'messages',
    errorIn: openaiError,
  },
  {
    ...fixed('/v1/messages'),
    dialect: 'anthropic-messages',
    requests: requestsOf(messagesRequests),
    turns: 'messages',
    errorIn: anthropicError,
  },
  {
    ...fixed('/v1/messages/count_tokens'),
    dialect: 'anthropic-messages',
    requests: requestsOf(messagesRequests).map((request) => without(request, ['max_tokens', 'stream'])),
    turns: 'messages',
    errorIn: anthropicError,
  },
  {
    ...fixed('/v1/responses'),
    dialect: 'openai-responses',
    requests: onTheirOwn(requestsOf(responsesRequests)),
    turns: 'input',
    errorIn: openaiError,
  },
  {
    ...fixed('/v1/responses/input_tokens'),
    dialect: 'openai-responses',
    requests: onTheirOwn(requestsOf(responsesRequests)).slice(0, 3),
    turns: 'input',
    errorIn: openaiError,
  },
  {
    ...fixed('/v1/responses/compact'),
    dialect: 'openai-responses',
    requests: onTheirOwn(requestsOf(responsesRequests)).slice(0, 3),
    turns: 'input',
    errorIn: openaiError,
  },
  {
    ...fixed('/v1/completions'),
    dialect: 'openai-completions',
    requests: requestsOf(completions),
    turns: 'prompt',
    errorIn: openaiError,
  },
  gemini('generateContent'),
  gemini('streamGenerateContent', '?alt=sse'),
  gemini('streamGenerateContent'),
  gemini('countTokens'),
  {
    ...fixed('/api/chat'),
    dialect: 'ollama-chat',
    requests: requestsOf(chatFixtures),
    turns: 'messages',
    errorIn: ollamaError,
  },
  {
    ...fixed('/api/generate'),
    dialect: 'ollama-generate',
    requests: requestsOf(generateFixtures),
    turns: 'prompt',
    errorIn: ollamaError,
  },
]
