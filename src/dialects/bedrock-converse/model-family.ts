/**
 * What a model at Bedrock accepts, told from its id. Converse is one protocol, but each maker's models take a part of it, and a request
 * translated from another protocol must not be refused for a setting that its client could not have known about. Application inference
 * profiles (ARNs) do not show their model. Sources: the Bedrock user guide's pages on prompt caching, structured output, extended and
 * adaptive thinking, and the Nova 2 guide's page on extended thinking (docs.aws.amazon.com/bedrock, docs.aws.amazon.com/nova).
 */
import { traitsOf } from '../../kernel/codec/claude/models.ts'
import type { ModelTraits } from '../../kernel/codec/claude/models.ts'

export interface FamilyTraits {
  /** Set for Claude: its generations differ. */
  readonly claude?: ModelTraits
  /** Cache points are known; for an hour; between tools. */
  readonly caches: boolean
  readonly hourCache: boolean
  readonly toolCache: boolean
  /** Answers of a schema (`outputConfig.textFormat`). */
  readonly structured: boolean
  /** Tools whose input keeps to its schema. */
  readonly strict: boolean
  /** A tool's result can be told to be an error. */
  readonly resultStatus: boolean
  /** Documents can be cited. */
  readonly cites: boolean
  /** Where `additionalModelRequestFields` takes top_k; absent where it takes none. */
  readonly topK?: string
  /** How the model is asked to think. */
  readonly reasoning: 'claude' | 'nova' | 'openai' | 'none'
  /** Temperature, topP and stop sequences are refused. */
  readonly refusesSampling: boolean
}

const plain: FamilyTraits = {
  caches: false,
  hourCache: false,
  toolCache: false,
  structured: false,
  strict: false,
  resultStatus: false,
  cites: false,
  reasoning: 'none',
  refusesSampling: false,
}

/** Makers whose models, or some of them, give answers of a schema. */
const structuredMakers = /(?:^|[./])(?:qwen|deepseek|mistral|google|nvidia|minimax|moonshot|moonshotai|openai)\./

export function familyOf(model: string): FamilyTraits {
  const id = model.toLowerCase()
  if (id.includes('claude')) return claudeFamily(id)
  if (id.includes('nova-2')) return { ...nova, reasoning: 'nova' }
  if (id.includes('amazon.nova')) return nova
  if (id.includes('openai.')) {
    return { ...plain, structured: true, reasoning: 'openai', refusesSampling: !id.includes('gpt-oss') }
  }
  if (id.includes('cohere.')) return { ...plain, topK: 'k' }
  if (structuredMakers.test(id)) return { ...plain, structured: true }
  // Of a profile nothing is known: what a client asks for in so many words is sent, and refused where it cannot be had.
  if (id.startsWith('arn:')) return { ...plain, structured: true, resultStatus: true }
  return plain
}

const nova: FamilyTraits = { ...plain, caches: true, resultStatus: true, topK: 'inferenceConfig.topK' }

function claudeFamily(id: string): FamilyTraits {
  const claude = traitsOf(id)
  // Bedrock offers structured output and the longer cache from 4.5 on, one minor version later than Anthropic itself.
  const recent = claude.structured && !id.includes('opus-4-1')
  return {
    claude,
    caches: claude.thinking !== 'none' || /3-5-(?:haiku|sonnet)/.test(id),
    hourCache: recent,
    toolCache: true,
    structured: recent,
    strict: recent,
    resultStatus: true,
    cites: true,
    topK: 'top_k',
    reasoning: 'claude',
    refusesSampling: claude.refusesSampling,
  }
}
