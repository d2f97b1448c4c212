/** Signs requests to a service of AWS with whatever identity the configuration has, and knows the region. */
import { createHash } from 'node:crypto'
import type { ProviderProblem, Signer, SignerContext } from '../../provider.ts'
import { withHeaders } from '../../signature.ts'
import type { BodySource, Outbound } from '../../transport.ts'
import { isBodySource, wholeBody } from '../../transport.ts'
import { fileProblem } from '../readable-file.ts'
import { leaseSigner } from '../token-signer.ts'
import { TokenSource } from '../token-source.ts'
import { hasAwsIdentity } from './fields.ts'
import type { AwsIdentity } from './fields.ts'
import { awsKeys } from './keys.ts'
import { profileFiles, profileIn } from './profiles.ts'
import { signatureHeaders } from './sigv4.ts'
import type { SignedRequest, SigningKey } from './sigv4.ts'

export interface AwsService {
  /** The provider, for people. */
  readonly title: string
  /** The service's name in signatures. */
  readonly service: string
}

/** Undefined where there is nothing to sign with. */
export function awsSigner(
  identity: AwsIdentity,
  { title, service }: AwsService,
  context: SignerContext,
): Signer | undefined {
  if (!hasAwsIdentity(identity)) return undefined
  const region = regionOf(identity) ?? ''
  const source = new TokenSource(context.clock, async () => awsKeys(identity, { provider: title, region, context }))
  const signer = leaseSigner(
    source,
    (outbound, key) => signed(outbound, key, { region, service, now: context.clock.now() }),
    ({ secretAccessKey, sessionToken }) => [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])],
  )
  return { ...signer, wholeBody: true }
}

type Scope = Parameters<typeof signatureHeaders>[2]

/** A body that nobody holds is read once for its hash, and once more when it is sent. */
function signed(outbound: Outbound, key: SigningKey, scope: Scope): Outbound | Promise<Outbound> {
  const { body } = outbound
  if (body === null || !isBodySource(body)) return signedAs(outbound, wholeBody(outbound), key, scope)
  return hashOf(body).then((sha256) => signedAs(outbound, { sha256 }, key, scope))
}

async function hashOf(source: BodySource): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source.open()) hash.update(chunk)
  return hash.digest('hex')
}

function signedAs(outbound: Outbound, body: SignedRequest['body'], key: SigningKey, scope: Scope): Outbound {
  const { method, origin, path, headers } = outbound
  const type = headers['content-type']
  const covered = { host: new URL(origin).host, ...(type !== undefined && { 'content-type': type }) }
  return withHeaders(outbound, signatureHeaders({ method, path, headers: covered, body }, key, scope))
}

/** What is configured, else what the profile says; undefined when neither does or the files cannot be read. */
export function regionOf(identity: AwsIdentity): string | undefined {
  const { region, profile } = identity
  if (region !== undefined || profile === undefined) return region
  try {
    return profileIn(profileFiles(identity, ''), profile)?.['region']
  } catch {
    return undefined
  }
}

/** What is wrong with the files that an identity names. */
export function awsProblems(identity: AwsIdentity): ProviderProblem[] {
  const files = ['config_file', 'shared_credentials_file', 'web_identity_token_file', 'container_token_file'] as const
  const unreadable = files.flatMap((field): ProviderProblem[] => {
    const file = identity[field]
    const message = file === undefined ? undefined : fileProblem(file)
    return message === undefined ? [] : [{ field, message }]
  })
  const { profile: name } = identity
  if (unreadable.length > 0 || name === undefined || identity.access_key_id !== undefined) return unreadable
  const profile = profileIn(profileFiles(identity, ''), name)
  if (profile === undefined) return [{ field: 'profile', message: "is in neither of AWS's files" }]
  const known = identity.region !== undefined || /^[a-z0-9-]+$/.test(profile['region'] ?? '')
  return known ? [] : [{ field: 'profile', message: 'has no region', hint: 'set `region`' }]
}
