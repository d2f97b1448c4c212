/**
 * Tokens of Microsoft Entra ID, for Azure's services: of an application by its secret or by a token of another identity provider
 * ("Microsoft identity platform and the OAuth 2.0 client credentials flow", learn.microsoft.com/entra/identity-platform/
 * v2-oauth2-client-creds-grant-flow), or of the machine itself ("Use managed identities on a virtual machine to acquire access token",
 * learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token, 2025-02-27; for App Service and
 * Container Apps learn.microsoft.com/azure/app-service/overview-managed-identity).
 */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { fileField, secretField } from '../../kernel/identity/fields.ts'
import { askForToken, formHeaders, formOf } from '../../kernel/identity/issuer.ts'
import type { IssuerQuestion } from '../../kernel/identity/issuer.ts'
import { fileProblem, readIdentityFile } from '../../kernel/identity/readable-file.ts'
import { bearerSigner } from '../../kernel/identity/token-signer.ts'
import { TokenSource } from '../../kernel/identity/token-source.ts'
import type { ProviderProblem, Signer, SignerContext } from '../../kernel/provider.ts'

export interface EntraConfig {
  readonly tenant_id?: string | undefined
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
  readonly federated_token_file?: string | undefined
  readonly managed_identity?: boolean | undefined
  readonly identity_endpoint?: string | undefined
  readonly identity_header?: string | undefined
  readonly authority?: string | undefined
  readonly scope?: string | undefined
}

const publicAuthority = 'https://login.microsoftonline.com'
const metadataService = 'http://169.254.169.254/metadata/identity/oauth2/token'
const name = z.string().regex(/^[A-Za-z0-9.-]+$/, { error: 'is neither an id nor a domain name' })

export const entraFields = {
  tenant_id: name.optional().describe('Tenant of the application that the gateway signs in as.'),
  client_id: name
    .optional()
    .describe('Id of that application, or of the managed identity where the machine has several.'),
  client_secret: secretField.optional().describe('Secret of that application.'),
  federated_token_file: fileField
    .optional()
    .describe(
      "File with another identity provider's token to sign in with, such as Kubernetes projects; read anew each time.",
    ),
  managed_identity: z.boolean().optional().describe('Sign in as the managed identity of the machine.'),
  identity_endpoint: baseUrlField
    .optional()
    .describe(
      'Where App Service and Container Apps hand out tokens of managed identities. Not given: the metadata service.',
    ),
  identity_header: secretField.optional().describe('What that place wants in `x-identity-header`.'),
  authority: baseUrlField
    .optional()
    .describe(
      'Where applications sign in. `https://login.microsoftonline.com` if not given; sovereign clouds have their own.',
    ),
  scope: z
    .string()
    .regex(/^[\x21-\x7e]+\/\.default$/, { error: 'must end in /.default' })
    .optional()
    .describe('What tokens are asked for, if not the usual one.'),
}

/** Fields that the environment of a workload on Azure tells, by their variables. */
export const entraEnv = [
  {
    tenant_id: ['AZURE_TENANT_ID'],
    client_id: ['AZURE_CLIENT_ID'],
    client_secret: ['AZURE_CLIENT_SECRET'],
    federated_token_file: ['AZURE_FEDERATED_TOKEN_FILE'],
    managed_identity: [],
  },
  { identity_endpoint: ['IDENTITY_ENDPOINT'], identity_header: ['IDENTITY_HEADER'] },
] as const

export function hasEntraIdentity(config: EntraConfig): boolean {
  return (
    config.managed_identity === true || config.client_secret !== undefined || config.federated_token_file !== undefined
  )
}

/** What is missing for an identity that the configuration begins to describe. */
export function checkEntra(config: EntraConfig, complain: (field: string, message: string) => void): void {
  const { client_secret: secret, federated_token_file: file, managed_identity: managed } = config
  const proof = secret === undefined ? (file === undefined ? undefined : 'federated_token_file') : 'client_secret'
  if (managed === true && proof !== undefined)
    complain(proof, 'cannot be set with managed_identity: it is one or the other')
  if (secret !== undefined && file !== undefined)
    complain('federated_token_file', 'cannot be set with client_secret: it is one or the other')
  if (managed === true || proof === undefined) return
  if (config.tenant_id === undefined) complain('tenant_id', `must be set with ${proof}`)
  if (config.client_id === undefined) complain('client_id', `must be set with ${proof}`)
}

export function entraProblems({ federated_token_file: file }: EntraConfig): ProviderProblem[] {
  const message = file === undefined ? undefined : fileProblem(file)
  return message === undefined ? [] : [{ field: 'federated_token_file', message }]
}

export interface EntraPlace {
  /** The provider, for people. */
  readonly title: string
  /** The scope to ask for where none is configured. */
  readonly scope: string
}

/** Undefined where the configuration has no such identity. */
export function entraSigner(config: EntraConfig, place: EntraPlace, context: SignerContext): Signer | undefined {
  if (!hasEntraIdentity(config)) return undefined
  const question = config.managed_identity === true ? managedIdentity : application
  return bearerSigner(
    new TokenSource(context.clock, async () => askForToken(context, question(config, place))),
    place.title,
  )
}

function application(config: EntraConfig, { title, scope }: EntraPlace): IssuerQuestion {
  const { authority = publicAuthority, tenant_id: tenant = '', client_id: client, client_secret: secret } = config
  const file = config.federated_token_file
  const assertion =
    file === undefined ? undefined : readIdentityFile(file, { provider: title, field: 'federated_token_file' }).trim()
  return {
    provider: title,
    issuer: 'Microsoft Entra ID',
    method: 'POST',
    url: `${authority}/${tenant}/oauth2/v2.0/token`,
    headers: formHeaders,
    body: formOf({
      grant_type: 'client_credentials',
      client_id: client,
      scope: config.scope ?? scope,
      client_secret: secret,
      client_assertion_type: assertion && 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
    whenRefused: `Check \`tenant_id\`, \`client_id\` and \`${file === undefined ? 'client_secret' : 'federated_token_file'}\`.`,
    secrets: [secret ?? '', assertion ?? ''],
  }
}

/** Without a version in its name a resource is what a scope is without `/.default`. */
function managedIdentity(config: EntraConfig, { title, scope }: EntraPlace): IssuerQuestion {
  const { identity_endpoint: endpoint, identity_header: header, client_id: client } = config
  const query = formOf({
    'api-version': endpoint === undefined ? '2018-02-01' : '2019-08-01',
    resource: (config.scope ?? scope).replace(/\/\.default$/, ''),
    client_id: client,
  })
  return {
    provider: title,
    issuer: 'the managed identity',
    method: 'GET',
    url: `${endpoint ?? metadataService}?${query}`,
    headers: {
      metadata: 'true',
      ...(header !== undefined && { 'x-identity-header': header }),
    },
    whenRefused: 'Check that the machine has a managed identity, and name it in `client_id` if it has several.',
    whenSilent: 'Managed identities exist on Azure alone: elsewhere set `tenant_id`, `client_id` and `client_secret`.',
    secrets: [header ?? ''],
    timeout: 5000,
    // While the service is updated it knows nothing, or says that it is gone for a moment.
    passing: [404, 410],
  }
}
