/**
 * Google's credential files, by their `type`: keys of service accounts, what `gcloud auth application-default login` leaves behind,
 * workload identity federation and impersonation ("How Application Default Credentials works", docs.cloud.google.com/docs/authentication/
 * application-default-credentials; "AIP-4117", google.aip.dev/auth/4117; read 2026-11). Complaints never quote what is in a file.
 */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../../bytes/parse-json.ts'

const url = z.url({ protocol: /^https?$/ })
const text = z.string().min(1)
const tokenUri = url.default('https://oauth2.googleapis.com/token')

const serviceAccount = z.object({
  type: z.literal('service_account'),
  client_email: text,
  private_key: text,
  private_key_id: text.optional(),
  token_uri: tokenUri,
})

const authorizedUser = z.object({
  type: z.literal('authorized_user'),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  token_uri: tokenUri,
  quota_project_id: text.optional(),
})

const format = z
  .object({ type: z.enum(['text', 'json']).default('text'), subject_token_field_name: text.optional() })
  .prefault({})

const externalAccount = z.object({
  type: z.literal('external_account'),
  audience: text,
  subject_token_type: text,
  token_url: url,
  service_account_impersonation_url: url.optional(),
  service_account_impersonation: z.object({ token_lifetime_seconds: z.number().positive().optional() }).prefault({}),
  credential_source: z.union([
    z.object({ file: text, format }),
    z.object({ url, headers: z.record(text, z.string()).default({}), format }),
  ]),
})

const impersonated = z.object({
  type: z.literal('impersonated_service_account'),
  service_account_impersonation_url: url,
  delegates: z.array(text).optional(),
  source_credentials: z.discriminatedUnion('type', [serviceAccount, authorizedUser, externalAccount]),
})

export type ServiceAccount = z.output<typeof serviceAccount>
export type AuthorizedUser = z.output<typeof authorizedUser>
export type ExternalAccount = z.output<typeof externalAccount>
export type GoogleCredentials = z.output<typeof schema>

const schema = z.discriminatedUnion('type', [serviceAccount, authorizedUser, externalAccount, impersonated])

const types = ['service_account', 'authorized_user', 'external_account', 'impersonated_service_account']

/** The credentials in a file, or what is wrong with it, in words that go on from its name. */
export function readCredentials(content: string): GoogleCredentials | string {
  let json: unknown
  try {
    json = parseJson(content)
  } catch {
    return 'is not JSON'
  }
  const { data, error } = schema.safeParse(json)
  if (data === undefined) return complaint(error.issues[0])
  const key = data.type === 'impersonated_service_account' ? data.source_credentials : data
  return key.type === 'service_account' && privateKeyOf(key) === undefined
    ? 'has a `private_key` that is no RSA private key in PEM form'
    : data
}

function complaint(issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path.join('.') ?? ''
  if (path === '') return 'is no credential file: it has no JSON object'
  if (path === 'type') return `has a \`type\` that is none of ${types.join(', ')}`
  return `lacks a usable \`${path}\``
}

/** Undefined for anything that is not such a key. */
export function privateKeyOf({ private_key: pem }: ServiceAccount): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    return undefined
  }
}
