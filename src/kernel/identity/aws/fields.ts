/** Who the gateway is for AWS: the fields that every service of it has, the variables that fill them in, and what belongs together. */
import { z } from 'zod'
import { baseUrlField } from '../../base-url.ts'
import { fileField, secretField } from '../fields.ts'

export interface AwsIdentity {
  readonly region?: string | undefined
  readonly access_key_id?: string | undefined
  readonly secret_access_key?: string | undefined
  readonly session_token?: string | undefined
  readonly profile?: string | undefined
  readonly config_file?: string | undefined
  readonly shared_credentials_file?: string | undefined
  readonly role_arn?: string | undefined
  readonly role_session_name?: string | undefined
  readonly external_id?: string | undefined
  readonly web_identity_token_file?: string | undefined
  readonly container_credentials_path?: string | undefined
  readonly container_credentials_url?: string | undefined
  readonly container_token?: string | undefined
  readonly container_token_file?: string | undefined
  readonly instance_role?: boolean | undefined
  readonly metadata_server?: string | undefined
  readonly sts_url?: string | undefined
}

const word = z.string().regex(/^[\w+=,.@:/-]+$/, { error: 'has characters that no such name has' })

/** Hosts that hand out keys without TLS, as AWS's own SDKs know them; any host with TLS may. */
const plainHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '169.254.170.2', '169.254.170.23'])

const containerUrl = z.string().refine(
  (text) => {
    if (!URL.canParse(text)) return false
    const { protocol, hostname } = new URL(text)
    return protocol === 'https:' || (protocol === 'http:' && plainHosts.has(hostname))
  },
  { error: 'must begin with https://, or with http:// and be an address of this machine, of ECS or of EKS' },
)

export const awsFields = {
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, { error: 'is not the name of a region, such as us-east-1' })
    .optional()
    .describe("Region whose service is called, such as `us-east-1`. If not given, the profile's."),
  access_key_id: secretField.optional().describe('Access key to sign with.'),
  secret_access_key: secretField.optional().describe('Its secret.'),
  session_token: secretField.optional().describe('Its session token, if it is a temporary one.'),
  profile: z.string().min(1).optional().describe("Profile of AWS's files to take keys, role and region from."),
  config_file: fileField.optional().describe('The file with profiles. `~/.aws/config` if not given.'),
  shared_credentials_file: fileField
    .optional()
    .describe('The file with their keys. `~/.aws/credentials` if not given.'),
  role_arn: word.optional().describe('Role to assume with those keys, or with the token of `web_identity_token_file`.'),
  role_session_name: word.optional().describe('What that session is called in logs. `sluicegate` if not given.'),
  external_id: word.optional().describe('External id that the role asks for.'),
  web_identity_token_file: fileField
    .optional()
    .describe("File with another identity provider's token to assume `role_arn` with, such as EKS projects."),
  container_credentials_path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, { error: 'must begin with a slash' })
    .optional()
    .describe('Path at which ECS hands out the keys of the task.'),
  container_credentials_url: containerUrl.optional().describe('The same as a whole URL, as EKS Pod Identity has it.'),
  container_token: secretField.optional().describe('What that place wants in `authorization`.'),
  container_token_file: fileField.optional().describe('File with it, read anew each time.'),
  instance_role: z.boolean().optional().describe('Sign with the role of the EC2 instance.'),
  metadata_server: baseUrlField
    .optional()
    .describe('Where the instance is asked. `http://169.254.169.254` if not given.'),
  sts_url: baseUrlField
    .optional()
    .describe("Where roles are assumed. The region's Security Token Service if not given."),
}

export const awsEnv = [
  { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'] },
  {
    access_key_id: ['AWS_ACCESS_KEY_ID'],
    secret_access_key: ['AWS_SECRET_ACCESS_KEY'],
    session_token: ['AWS_SESSION_TOKEN'],
  },
  { profile: ['AWS_PROFILE'] },
  { config_file: ['AWS_CONFIG_FILE'], shared_credentials_file: ['AWS_SHARED_CREDENTIALS_FILE'] },
  {
    role_arn: ['AWS_ROLE_ARN'],
    web_identity_token_file: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    role_session_name: ['AWS_ROLE_SESSION_NAME'],
  },
  {
    container_credentials_path: ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
    container_credentials_url: ['AWS_CONTAINER_CREDENTIALS_FULL_URI'],
    container_token: ['AWS_CONTAINER_AUTHORIZATION_TOKEN'],
    container_token_file: ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'],
  },
] as const

/** Whether there is anything to sign with. */
export function hasAwsIdentity(identity: AwsIdentity): boolean {
  return (
    identity.access_key_id !== undefined ||
    identity.web_identity_token_file !== undefined ||
    identity.profile !== undefined ||
    identity.container_credentials_path !== undefined ||
    identity.container_credentials_url !== undefined ||
    identity.instance_role === true
  )
}

export function checkAws(identity: AwsIdentity, complain: (field: string, message: string) => void): void {
  const { access_key_id: key, secret_access_key: secret, session_token: session, role_arn: role } = identity
  if (key !== undefined && secret === undefined) complain('secret_access_key', 'must be set with access_key_id')
  if (key === undefined && secret !== undefined) complain('access_key_id', 'must be set with secret_access_key')
  if (key === undefined && session !== undefined) complain('access_key_id', 'must be set with session_token')
  if (identity.web_identity_token_file !== undefined && role === undefined)
    complain('role_arn', 'must be set with web_identity_token_file')
  if (identity.region === undefined && identity.profile === undefined && hasAwsIdentity(identity))
    complain('region', 'must be set, here or by AWS_REGION in the environment')
}

/** The configuration of a service that takes nothing but signed requests; `about` describes its `base_url`. */
export const signedServiceConfig = (about: string) =>
  z.strictObject({ base_url: baseUrlField.optional().describe(about), ...awsFields }).superRefine((fields, context) => {
    const complain = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    checkAws(fields, complain)
    if (!hasAwsIdentity(fields))
      complain('access_key_id', 'must be set, or `profile`, `web_identity_token_file` or `instance_role`')
  })
