/** What a deployment is asked to find out whether it works, and what its answer has to be. */
import type { AnyDialect, Deployment } from '../../kernel/deployment.ts'
import type { CheckTier } from '../../model/check-tier.ts'
import { isJsonObject } from '../../model/json.ts'

export interface CheckQuestion {
  readonly operation: 'chat' | 'embed'
  readonly dialect: string
  readonly body: object
  /** What is wrong with an answer, in the dialect's own terms; undefined where nothing is. */
  wrong(answer: unknown): string | undefined
}

const word = 'pong'
/** Enough for a model that thinks before it says one word. */
const deepTokens = 512

/** Undefined for what can only be reached for: anything else would make something that costs more, or that stays. */
export function questionFor(
  { endpoints, model }: Deployment,
  tier: Exclude<CheckTier, 'quick'>,
): CheckQuestion | undefined {
  if (endpoints.has('chat')) {
    const isDeep = tier === 'deep'
    const content = isDeep ? `Answer with this one word and nothing else: ${word}` : 'ping'
    const messages = [{ role: 'user', content }]
    return {
      operation: 'chat',
      dialect: 'openai-chat',
      body: { model, messages, max_tokens: isDeep ? deepTokens : 1 },
      wrong: isDeep ? wrongWord : () => undefined,
    }
  }
  if (!endpoints.has('embed')) return undefined
  return {
    operation: 'embed',
    dialect: 'openai-embeddings',
    body: { model, input: 'ping', encoding_format: 'float' },
    wrong: tier === 'deep' ? wrongVector : () => undefined,
  }
}

function wrongWord(answer: unknown): string | undefined {
  const choices = isJsonObject(answer) ? answer['choices'] : undefined
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  const message = isJsonObject(first) ? first['message'] : undefined
  const text = isJsonObject(message) ? message['content'] : undefined
  if (typeof text !== 'string' || text === '') return 'it answered with no text'
  return text.toLowerCase().includes(word) ? undefined : `it was asked for "${word}" and said something else`
}

function wrongVector(answer: unknown): string | undefined {
  const data = isJsonObject(answer) ? answer['data'] : undefined
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  const vector = isJsonObject(first) ? first['embedding'] : undefined
  return Array.isArray(vector) && vector.some((each) => typeof each === 'number' && each !== 0)
    ? undefined
    : 'it answered with no vector'
}

export type FindDialect = (id: string) => AnyDialect
