/**
 * Databricks model serving, which speaks OpenAI's protocols with the name of a serving endpoint as the model ("Query a chat model",
 * docs.databricks.com/machine-learning/model-serving/score-chat-models, read 2026-11); Responses only of OpenAI's own models. Tokens of
 * a service principal come from the workspace ("Authorize service principal access to Databricks with OAuth",
 * docs.databricks.com/dev-tools/auth/oauth-m2m).
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { secretField } from '../kernel/identity/fields.ts'
import { askForToken, formHeaders, formOf } from '../kernel/identity/issuer.ts'
import { bearerSigner } from '../kernel/identity/token-signer.ts'
import { TokenSource } from '../kernel/identity/token-source.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { ProviderConfig } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Databricks'
const serving = '/serving-endpoints'

interface DatabricksConfig extends ProviderConfig {
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
}

const workspaceOf = ({ base_url: base = '' }: ProviderConfig): string => base.replace(new RegExp(`${serving}$`), '')

export const databricks = defineProvider<DatabricksConfig>({
  id: 'databricks',
  deploymentNames: true,
  title,
  config: z
    .strictObject({
      base_url: baseUrlField.describe('Address of the workspace, such as `https://adb-1.2.azuredatabricks.net`.'),
      client_id: secretField
        .optional()
        .describe('Id of a service principal to sign in as, instead of a token in `credentials`.'),
      client_secret: secretField.optional().describe('Its OAuth secret.'),
    })
    .superRefine(({ client_id: id, client_secret: secret }, context) => {
      if ((id === undefined) === (secret === undefined)) return
      const [missing, given] = id === undefined ? ['client_id', 'client_secret'] : ['client_secret', 'client_id']
      context.addIssue({ code: 'custom', path: [missing], message: `must be set with ${given}` })
    }),
  docs: [
    {
      title: 'Query a chat model',
      url: 'https://docs.databricks.com/gcp/en/machine-learning/model-serving/score-chat-models',
      read: '2026-11-27',
    },
    {
      title: 'OAuth reference',
      url: 'https://databrickslabs.github.io/partner-architecture/isv-partners/lakehouse-patterns/access-auth/oauth-reference',
      read: '2026-11-27',
    },
  ],
  env: ['DATABRICKS_TOKEN'],
  // A token without its workspace is of no use.
  optIn: true,
  fieldEnv: [
    {
      base_url: ['DATABRICKS_HOST'],
      client_id: ['DATABRICKS_CLIENT_ID'],
      client_secret: ['DATABRICKS_CLIENT_SECRET'],
    },
  ],
  needsCredential: ({ client_secret: secret }) => secret === undefined,
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: () => `${serving}/chat/completions`,
      // Most of its models are others' behind one protocol, whose templates know no `developer`.
      traits: (model) => ({ developerRole: /gpt-\d/.test(model) }),
    },
    {
      operation: 'chat',
      dialect: 'openai-responses',
      verified: true,
      serves: (model) => /gpt-\d/.test(model),
      path: () => `${serving}/responses`,
    },
    { operation: 'chat', dialect: 'openai-completions', path: () => `${serving}/completions` },
    { operation: 'embed', dialect: 'openai-embeddings', path: () => `${serving}/embeddings` },
  ],
  baseUrl: workspaceOf,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  open(config, context) {
    const { client_id: id, client_secret: secret } = config
    if (id === undefined || secret === undefined) return undefined
    const ask = () =>
      askForToken(context, {
        provider: title,
        issuer: 'the workspace',
        method: 'POST',
        url: `${workspaceOf(config)}/oidc/v1/token`,
        headers: {
          ...formHeaders,
          authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
        },
        body: formOf({ grant_type: 'client_credentials', scope: 'all-apis' }),
        whenRefused: 'Check `client_id` and `client_secret`, and that the service principal is in this workspace.',
        secrets: [secret],
      })
    return bearerSigner(new TokenSource(context.clock, ask), title)
  },
})
