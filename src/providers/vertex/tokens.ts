/**
 * Access tokens of Google, by kind of credential: a signed assertion of a service account ("Using OAuth 2.0 for Server to Server
 * Applications", developers.google.com/identity/protocols/oauth2/service-account), a refresh token, an exchange at the Security Token
 * Service with or without impersonation ("Method: token", cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token;
 * "generateAccessToken", cloud.google.com/iam/docs/reference/credentials/rest), or the metadata server of a machine
 * ("Authenticate workloads", cloud.google.com/compute/docs/access/authenticate-workloads); read 2026-11.
 */
import { sign } from 'node:crypto'
import { parseJson } from '../../bytes/parse-json.ts'
import {
  askForToken,
  askIssuer,
  askIssuerJson,
  formHeaders,
  formOf,
  isToken,
  unreadable,
} from '../../kernel/identity/issuer.ts'
import type { IssuerQuestion } from '../../kernel/identity/issuer.ts'
import { readIdentityFile } from '../../kernel/identity/readable-file.ts'
import type { Lease } from '../../kernel/identity/token-source.ts'
import type { SignerContext } from '../../kernel/provider.ts'
import { isJsonObject } from '../../model/json.ts'
import type { AuthorizedUser, ExternalAccount, GoogleCredentials, ServiceAccount } from './credentials.ts'
import { privateKeyOf } from './credentials.ts'

export const title = 'Vertex AI'
const scope = 'https://www.googleapis.com/auth/cloud-platform'
const checkFile = 'Check `credentials_file`.'

export function tokenFor(credentials: GoogleCredentials, context: SignerContext): Promise<Lease<string>> {
  switch (credentials.type) {
    case 'service_account':
      return askForToken(context, ofServiceAccount(credentials))
    case 'authorized_user':
      return askForToken(context, ofUser(credentials))
    case 'external_account':
      return ofFederation(credentials, context)
    case 'impersonated_service_account': {
      const { service_account_impersonation_url: url, delegates, source_credentials: source } = credentials
      return impersonating(url, { ...(delegates !== undefined && { delegates }) }, tokenFor(source, context), context)
    }
  }
}

export function tokenOfMachine(server: string, context: SignerContext): Promise<Lease<string>> {
  return askForToken(context, {
    provider: title,
    issuer: 'the metadata server',
    method: 'GET',
    url: `${server}/computeMetadata/v1/instance/service-accounts/default/token`,
    headers: { 'metadata-flavor': 'Google' },
    whenRefused: 'Check that the machine has a service account with the scope cloud-platform.',
    whenSilent: 'It exists on Google Cloud alone: elsewhere set `credentials_file`.',
    timeout: 5000,
  })
}

function ofServiceAccount(account: ServiceAccount): IssuerQuestion {
  return {
    provider: title,
    issuer: 'Google',
    method: 'POST',
    url: account.token_uri,
    headers: formHeaders,
    at: (now) => ({
      body: formOf({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertionOf(account, Math.floor(now / 1000)),
      }),
    }),
    whenRefused: `${checkFile} Its key may have been deleted, or the clock of this machine is wrong.`,
  }
}

/** Good for an hour, which is the most. */
function assertionOf(account: ServiceAccount, now: number): string {
  const { client_email: email, private_key_id: id, token_uri: audience } = account
  const key = privateKeyOf(account)
  if (key === undefined) throw unreadable({ provider: title, issuer: 'the file in `credentials_file`' })
  const header = { alg: 'RS256', typ: 'JWT', ...(id !== undefined && { kid: id }) }
  const claims = { iss: email, scope, aud: audience, iat: now, exp: now + 3600 }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

function ofUser({
  token_uri: url,
  client_id: id,
  client_secret: secret,
  refresh_token: token,
}: AuthorizedUser): IssuerQuestion {
  return {
    provider: title,
    issuer: 'Google',
    method: 'POST',
    url,
    headers: formHeaders,
    body: formOf({ grant_type: 'refresh_token', client_id: id, client_secret: secret, refresh_token: token }),
    whenRefused: 'Log in anew with `gcloud auth application-default login`, or use a service account.',
    secrets: [secret, token],
  }
}

async function ofFederation(account: ExternalAccount, context: SignerContext): Promise<Lease<string>> {
  const subject = await subjectToken(account, context)
  const { service_account_impersonation_url: impersonation, service_account_impersonation: settings } = account
  const exchanged = askForToken(context, {
    provider: title,
    issuer: "Google's Security Token Service",
    method: 'POST',
    url: account.token_url,
    headers: formHeaders,
    body: formOf({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: account.audience,
      scope,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: subject,
      subject_token_type: account.subject_token_type,
    }),
    whenRefused: `${checkFile} The pool must accept the tokens of this machine's identity provider.`,
    secrets: [subject],
  })
  if (impersonation === undefined) return exchanged
  const seconds = settings.token_lifetime_seconds
  return impersonating(impersonation, seconds === undefined ? {} : { lifetime: `${seconds}s` }, exchanged, context)
}

async function impersonating(
  url: string,
  settings: Readonly<Record<string, unknown>>,
  source: Promise<Lease<string>>,
  context: SignerContext,
): Promise<Lease<string>> {
  const { value: token } = await source
  const question: IssuerQuestion = {
    provider: title,
    issuer: "Google's IAM Credentials",
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ ...settings, scope: [scope] }),
    whenRefused:
      'The identity needs the role roles/iam.serviceAccountTokenCreator or workloadIdentityUser on the service account.',
    secrets: [token],
  }
  const { json, now } = await askIssuerJson(context, question)
  const { accessToken: value, expireTime: end } = json
  const endsAt = typeof end === 'string' ? Date.parse(end) : NaN
  if (!isToken(value) || Number.isNaN(endsAt)) throw unreadable(question)
  return { value, lifetime: Math.max(0, endsAt - now) }
}

/** The token of the other identity provider, from where the file says it is. */
async function subjectToken({ credential_source: source }: ExternalAccount, context: SignerContext): Promise<string> {
  const { type, subject_token_field_name: field } = source.format
  const content =
    'file' in source
      ? readIdentityFile(source.file, { provider: title, field: 'credential_source.file' })
      : await textAt(source.url, source.headers, context)
  const token = type === 'text' ? content.trim() : fieldIn(content, field ?? 'access_token')
  if (!isToken(token)) throw unreadable({ provider: title, issuer: 'the `credential_source` in `credentials_file`' })
  return token
}

async function textAt(url: string, headers: Readonly<Record<string, string>>, context: SignerContext): Promise<string> {
  const { bytes } = await askIssuer(context, {
    provider: title,
    issuer: 'the `credential_source` in `credentials_file`',
    method: 'GET',
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    whenRefused: checkFile,
    timeout: 5000,
  })
  return Buffer.from(bytes).toString('utf8')
}

function fieldIn(content: string, field: string): unknown {
  try {
    const json = parseJson(content)
    return isJsonObject(json) ? json[field] : undefined
  } catch {
    return undefined
  }
}
