/**
 * Microsoft Foundry: models of many vendors in one resource, by the names of their deployments. All but Claude speak OpenAI's v1 API
 * ("Endpoints for Microsoft Foundry Models", learn.microsoft.com/azure/foundry/foundry-models/concepts/endpoints) or, with a version,
 * the older inference API at `/models`; Claude speaks Anthropic's ("Deploy and use Claude models in Microsoft Foundry",
 * learn.microsoft.com/azure/foundry/foundry-models/how-to/use-foundry-models-claude; "Claude in Microsoft Foundry",
 * platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry; all read 2026-11), where keys go into `x-api-key`.
 */
import { z } from 'zod'
import { defineProvider } from '../../kernel/provider.ts'
import type { Offer, Signer } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { addressFields, checkAddress, endpointOf } from './address.ts'
import type { AzureConfig } from './address.ts'
import { checkEntra, entraEnv, entraFields, entraProblems, entraSigner, hasEntraIdentity } from './entra.ts'

const title = 'Microsoft Foundry'
const scope = 'https://ai.azure.com/.default'
const anthropicPath = '/anthropic/v1/messages'

/** Deployments have any name, though usually the model's; for others the configuration says which protocol they speak. */
const isClaude = (model: string, protocol: string | undefined): boolean =>
  protocol === undefined ? /claude/i.test(model) : protocol === 'anthropic-messages'
const isOther = (model: string, protocol: string | undefined): boolean => !isClaude(model, protocol)

const claude: readonly Offer[] = [
  { operation: 'chat', dialect: 'anthropic-messages', verified: true, serves: isClaude, path: () => anthropicPath },
  {
    operation: 'count-tokens',
    dialect: 'anthropic-count-tokens',
    serves: isClaude,
    path: () => `${anthropicPath}/count_tokens`,
  },
]

const offers: readonly Offer[] = [
  {
    operation: 'chat',
    dialect: 'openai-chat',
    verified: true,
    serves: isOther,
    path: () => '/openai/v1/chat/completions',
  },
  {
    operation: 'chat',
    dialect: 'openai-responses',
    verified: true,
    serves: isOther,
    path: () => '/openai/v1/responses',
  },
  { operation: 'embed', dialect: 'openai-embeddings', serves: isOther, path: () => '/openai/v1/embeddings' },
  ...claude,
]

const offersAt = (version: string): readonly Offer[] => [
  {
    operation: 'chat',
    dialect: 'openai-chat',
    verified: true,
    serves: isOther,
    path: () => `/models/chat/completions?api-version=${version}`,
  },
  {
    operation: 'embed',
    dialect: 'openai-embeddings',
    verified: true,
    serves: isOther,
    spelling: {
      embeddingTask: { member: 'input_type', words: { 'retrieval-query': 'query', 'retrieval-document': 'document' } },
    },
    path: () => `/models/embeddings?api-version=${version}`,
  },
  ...claude,
]

function versioned(outbound: Outbound): Outbound {
  if (!isAnthropic(outbound)) return outbound
  return withHeaders(outbound, { 'anthropic-version': outbound.headers['anthropic-version'] ?? '2023-06-01' })
}

const isAnthropic = ({ path }: Outbound): boolean => path.includes(anthropicPath)

export const azureFoundry = defineProvider<AzureConfig>({
  id: 'azure-foundry',
  deploymentNames: true,
  title,
  config: z.strictObject({ ...addressFields, ...entraFields }).superRefine((fields, context) => {
    const complain = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    checkAddress(fields, complain)
    checkEntra(fields, complain)
  }),
  keyUrl: 'https://ai.azure.com',
  docs: [
    {
      title: 'Endpoints for Microsoft Foundry Models',
      url: 'https://learn.microsoft.com/en-us/azure/foundry/foundry-models/concepts/endpoints',
      read: '2026-11-27',
    },
    {
      title: 'How to use embeddings with Foundry Models',
      url: 'https://learn.microsoft.com/en-us/azure/ai-foundry/foundry-models/how-to/use-embeddings',
      read: '2026-11-27',
    },
    {
      title: 'Deploy and use Claude models in Microsoft Foundry',
      url: 'https://learn.microsoft.com/en-us/azure/foundry/foundry-models/how-to/use-foundry-models-claude',
      read: '2026-11-27',
    },
    {
      title: 'Claude in Microsoft Foundry',
      url: 'https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry',
      read: '2026-11-27',
    },
  ],
  env: ['ANTHROPIC_FOUNDRY_API_KEY'],
  fieldEnv: [{ resource: ['ANTHROPIC_FOUNDRY_RESOURCE'] }, ...entraEnv],
  needsCredential: (config) => !hasEntraIdentity(config),
  offers,
  offersOf: ({ api_version: version }) => (version === undefined ? offers : offersAt(version)),
  baseUrl: (config) => endpointOf(config, 'services.ai.azure.com'),
  sign: (outbound, _config, credential) =>
    withHeaders(versioned(outbound), {
      [isAnthropic(outbound) ? 'x-api-key' : 'api-key']: requireCredential(credential, title),
    }),
  open(config, context): Signer | undefined {
    const signer = entraSigner(config, { title, scope }, context)
    return signer && { ...signer, sign: (outbound, credential) => signer.sign(versioned(outbound), credential) }
  },
  problems: entraProblems,
  prices: 'azure',
})
