/**
 * Keys of AWS from wherever an identity has them: the configuration, a profile, the task or pod of a container, an EC2 instance, or the
 * Security Token Service for a role ("AWS SDKs and Tools standardized credential providers", docs.aws.amazon.com/sdkref/latest/guide/
 * standardized-credentials.html; "Container credential provider" and "IMDS credential provider" of the same guide; "AssumeRole" and
 * "AssumeRoleWithWebIdentity", docs.aws.amazon.com/STS/latest/APIReference; read 2026-11).
 */
import type { Fault } from '../../../model/fault.ts'
import type { SignerContext } from '../../provider.ts'
import { identityFault } from '../identity-fault.ts'
import { askIssuer, askIssuerJson, formHeaders, formOf, unreadable } from '../issuer.ts'
import type { IssuerQuestion } from '../issuer.ts'
import { readIdentityFile } from '../readable-file.ts'
import type { Lease } from '../token-source.ts'
import type { AwsIdentity } from './fields.ts'
import { profileFiles, profileIn } from './profiles.ts'
import type { Profile, ProfileFiles } from './profiles.ts'
import { signatureHeaders } from './sigv4.ts'
import type { SigningKey } from './sigv4.ts'

export interface AwsCaller {
  /** The provider, for people. */
  readonly provider: string
  readonly region: string
  readonly context: SignerContext
}

const ecsHost = 'http://169.254.170.2'
const usualMetadataServer = 'http://169.254.169.254'
/** Milliseconds: these services are next door or nowhere. */
const nearby = 3000
const longestChain = 5

/** Throws a Fault (`provider_authentication`) that says what is missing. */
export async function awsKeys(identity: AwsIdentity, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const { role_arn: role, web_identity_token_file: file, external_id: externalId } = identity
  const session = identity.role_session_name
  const keyed = identity.access_key_id !== undefined
  if (file !== undefined && role !== undefined && !keyed)
    return webIdentity({ role, file, session, url: identity.sts_url }, caller)
  const base = await baseKeys(identity, caller)
  // In the environment of a workload the role is that of the token, and keys come before both.
  if (file !== undefined) return base
  return role === undefined ? base : assume({ role, externalId, session, url: identity.sts_url }, base.value, caller)
}

async function baseKeys(identity: AwsIdentity, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const { access_key_id: id, secret_access_key: secret, session_token: session } = identity
  if (id !== undefined && secret !== undefined) return kept(id, secret, session)
  if (identity.profile !== undefined) {
    const files = profileFiles(identity, caller.provider)
    return keysOfProfile(identity.profile, files, identity, caller)
  }
  if (identity.container_credentials_path !== undefined || identity.container_credentials_url !== undefined)
    return keysOfContainer(identity, caller)
  return keysOfInstance(identity, caller)
}

const kept = (accessKeyId: string, secretAccessKey: string, sessionToken?: string): Lease<SigningKey> => ({
  value: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  lifetime: undefined,
})

async function keysOfProfile(
  name: string,
  files: ProfileFiles,
  identity: AwsIdentity,
  caller: AwsCaller,
  depth = 0,
): Promise<Lease<SigningKey>> {
  const profile = profileIn(files, name)
  if (profile === undefined) throw wrong(caller, `there is no profile "${name}" in AWS's files.`)
  if (depth > longestChain)
    throw wrong(caller, `the profile "${name}" is the end of too long a chain of source_profile.`)
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: session, role_arn: role } = profile
  if (role !== undefined) {
    const asked = {
      role,
      externalId: profile['external_id'],
      session: profile['role_session_name'],
      url: identity.sts_url,
    }
    const file = profile['web_identity_token_file']
    if (file !== undefined) return webIdentity({ ...asked, file }, caller)
    return assume(asked, (await sourceKeys(name, profile, files, identity, caller, depth)).value, caller)
  }
  if (id !== undefined && secret !== undefined) return kept(id, secret, session)
  const kind =
    profile['sso_session'] !== undefined || profile['sso_start_url'] !== undefined
      ? 'signs in with IAM Identity Center'
      : profile['credential_process'] !== undefined
        ? 'runs a process for its keys'
        : undefined
  throw wrong(
    caller,
    kind === undefined
      ? `the profile "${name}" has neither keys nor a role.`
      : `the profile "${name}" ${kind}, which the gateway does not do. Use a role or keys.`,
  )
}

/** The keys that a profile's role is assumed with. */
function sourceKeys(
  name: string,
  profile: Profile,
  files: ProfileFiles,
  identity: AwsIdentity,
  caller: AwsCaller,
  depth: number,
): Promise<Lease<SigningKey>> {
  const { source_profile: source, credential_source: place } = profile
  if (source === name && profile['aws_access_key_id'] !== undefined && profile['aws_secret_access_key'] !== undefined)
    return Promise.resolve(
      kept(profile['aws_access_key_id'], profile['aws_secret_access_key'], profile['aws_session_token']),
    )
  if (source !== undefined) return keysOfProfile(source, files, identity, caller, depth + 1)
  if (place === 'Ec2InstanceMetadata') return keysOfInstance(identity, caller)
  if (place === 'EcsContainer') return keysOfContainer(identity, caller)
  throw wrong(caller, `the profile "${name}" has a role but no source_profile to assume it with.`)
}

async function keysOfContainer(identity: AwsIdentity, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const { container_credentials_path: path, container_token_file: file } = identity
  const url = identity.container_credentials_url ?? (path === undefined ? undefined : `${ecsHost}${path}`)
  if (url === undefined) throw wrong(caller, 'the keys of the container are wanted, but no address of them is known.')
  const token =
    identity.container_token ??
    (file === undefined
      ? undefined
      : readIdentityFile(file, { provider: caller.provider, field: 'container_token_file' }).trim())
  return temporaryKeys(
    {
      provider: caller.provider,
      issuer: 'the container',
      method: 'GET',
      url,
      ...(token !== undefined && { headers: { authorization: token } }),
      whenRefused: 'Check that the task or pod has a role.',
      whenSilent: 'It exists in ECS and EKS alone.',
      secrets: [token ?? ''],
      timeout: nearby,
    },
    caller,
  )
}

/** Version 2 of the metadata service: a session first, then the name of the role, then its keys. */
async function keysOfInstance(identity: AwsIdentity, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const { metadata_server: server = usualMetadataServer } = identity
  const question = (
    method: 'GET' | 'PUT',
    path: string,
    headers: Readonly<Record<string, string>>,
  ): IssuerQuestion => ({
    provider: caller.provider,
    issuer: 'the EC2 instance',
    method,
    url: `${server}/latest${path}`,
    headers,
    whenRefused: 'Check that the instance has a role, and that its metadata service allows enough hops for containers.',
    whenSilent: 'It exists on EC2 alone: elsewhere set `profile` or `access_key_id`.',
    timeout: nearby,
  })
  const textOf = async (asked: IssuerQuestion): Promise<string> =>
    Buffer.from((await askIssuer(caller.context, asked)).bytes)
      .toString('utf8')
      .trim()
  const session = await textOf(question('PUT', '/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }))
  const headers = { 'x-aws-ec2-metadata-token': session }
  const list = '/meta-data/iam/security-credentials/'
  const [role = ''] = (await textOf(question('GET', list, headers))).split('\n')
  return temporaryKeys(question('GET', `${list}${encodeURIComponent(role)}`, headers), caller)
}

async function temporaryKeys(question: IssuerQuestion, { context }: AwsCaller): Promise<Lease<SigningKey>> {
  const { json, now } = await askIssuerJson(context, question)
  const { AccessKeyId: id, SecretAccessKey: secret, Token: session, Expiration: end } = json
  return leased([id, secret, session, end], now, question)
}

interface RoleQuestion {
  readonly role: string
  readonly session?: string | undefined
  readonly externalId?: string | undefined
  readonly url?: string | undefined
}

async function assume(asked: RoleQuestion, key: SigningKey, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const { role, externalId, session = 'sluicegate' } = asked
  const body = formOf({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: session,
    ExternalId: externalId,
  })
  const url = stsUrl(asked, caller)
  const { host, pathname } = new URL(url)
  return askSts(
    {
      url,
      body,
      at: (now) => ({
        headers: signatureHeaders(
          { method: 'POST', path: pathname, headers: { ...formHeaders, host }, body: Buffer.from(body) },
          key,
          { region: caller.region, service: 'sts', now },
        ),
      }),
      whenRefused: 'Check `role_arn`, and that these keys may assume it.',
      secrets: [key.secretAccessKey, key.sessionToken ?? ''],
    },
    caller,
  )
}

function webIdentity(asked: RoleQuestion & { readonly file: string }, caller: AwsCaller): Promise<Lease<SigningKey>> {
  const token = readIdentityFile(asked.file, { provider: caller.provider, field: 'web_identity_token_file' }).trim()
  const body = formOf({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: asked.role,
    RoleSessionName: asked.session ?? 'sluicegate',
    WebIdentityToken: token,
  })
  const whenRefused = 'Check `role_arn`, and that it trusts the identity provider of the token.'
  return askSts({ url: stsUrl(asked, caller), body, whenRefused, secrets: [token] }, caller)
}

const stsUrl = ({ url }: RoleQuestion, { region }: AwsCaller): string =>
  `${url ?? `https://sts.${region}.${awsDomain(region)}`}/`

export const awsDomain = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')

async function askSts(
  asked: Pick<IssuerQuestion, 'url' | 'body' | 'at' | 'whenRefused' | 'secrets'>,
  { provider, context }: AwsCaller,
): Promise<Lease<SigningKey>> {
  const question: IssuerQuestion = {
    ...asked,
    provider,
    issuer: "AWS's Security Token Service",
    method: 'POST',
    headers: { ...formHeaders, accept: 'application/xml' },
  }
  const { bytes, now } = await askIssuer(context, question)
  const xml = Buffer.from(bytes).toString('utf8')
  const element = (name: string): string | undefined => new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1]
  return leased(['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map(element), now, question)
}

function leased(
  [id, secret, session, end]: readonly unknown[],
  now: number,
  question: IssuerQuestion,
): Lease<SigningKey> {
  const endsAt = typeof end === 'string' ? Date.parse(end) : NaN
  if (typeof id !== 'string' || typeof secret !== 'string' || typeof session !== 'string' || Number.isNaN(endsAt))
    throw unreadable(question)
  return { ...kept(id, secret, session), lifetime: Math.max(0, endsAt - now) }
}

const wrong = ({ provider }: AwsCaller, message: string): Fault => identityFault(`${provider}: ${message}`)
