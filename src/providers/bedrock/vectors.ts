/**
 * Models at Bedrock that make vectors and ranks, by InvokeModel: Titan's in their own protocol, Cohere's in Cohere's second without the
 * model in the body ("Cohere Embed", docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html; "Cohere Models on Amazon
 * Bedrock", docs.cohere.com/docs/amazon-bedrock). All rerankers there are asked as Cohere's are, with the version of the protocol in the
 * body (cohere-ai/cohere-python, issue 613).
 */
import type { Offer } from '../../kernel/provider.ts'
import { pathStep } from '../../kernel/path-step.ts'

const invoke = (model: string): string => `/model/${pathStep(model)}/invoke`

/** By its id or that of an inference profile. */
const has = (name: string): RegExp => new RegExp(`(?:^|[./])${name}`)
const titan = has('amazon\\.titan-embed')
const embed = has('cohere\\.embed')
const rerank = has('(?:cohere|amazon)\\.rerank')

export const vectorOffers: readonly Offer[] = [
  {
    operation: 'embed',
    dialect: 'titan-embed',
    verified: true,
    maxInputs: 1,
    serves: (model) => titan.test(model),
    path: invoke,
  },
  {
    operation: 'embed',
    dialect: 'cohere-embed',
    verified: true,
    maxInputs: 96,
    serves: (model) => embed.test(model),
    path: invoke,
    body: () => ({ model: undefined }),
  },
  {
    operation: 'rerank',
    dialect: 'cohere-rerank',
    verified: true,
    serves: (model) => rerank.test(model),
    path: invoke,
    body: () => ({ model: undefined, api_version: 2 }),
  },
]
