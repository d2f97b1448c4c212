/**
 * AWS Bedrock's Runtime (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html): one service in each region, called
 * with a Bedrock API key or with a signature by an access key.
 */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { Provider, ProviderConfig } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { wholeBody } from '../../kernel/transport.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { Fault } from '../../model/fault.ts'
import { signatureHeaders } from './sigv4.ts'

const title = 'AWS Bedrock'

interface BedrockConfig extends ProviderConfig {
  readonly region?: string | undefined
  readonly access_key_id?: string | undefined
  readonly secret_access_key?: string | undefined
  readonly session_token?: string | undefined
}

const secret = z
  .string()
  .regex(/^[\x21-\x7e]+$/, { error: 'has spaces, line breaks or other characters that no key has' })

const config = z
  .strictObject({
    base_url: baseUrlField.optional().describe('Address of another endpoint, such as one inside a VPC.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, { error: 'is not the name of a region, such as us-east-1' })
      .optional()
      .describe('Region whose service is called, such as `us-east-1`.'),
    access_key_id: secret.optional().describe('Access key to sign with, instead of an API key in `credentials`.'),
    secret_access_key: secret.optional().describe('Its secret.'),
    session_token: secret.optional().describe('Its session token, if it is a temporary one.'),
  })
  .superRefine((fields, context) => {
    const complain = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message })
    const signs = fields.access_key_id !== undefined
    if (fields.region === undefined && (signs || fields.base_url === undefined))
      complain('region', 'must be set, here or by AWS_REGION in the environment')
    if (signs && fields.secret_access_key === undefined) complain('secret_access_key', 'must be set with access_key_id')
    if (!signs && fields.secret_access_key !== undefined)
      complain('access_key_id', 'must be set with secret_access_key')
    if (!signs && fields.session_token !== undefined) complain('access_key_id', 'must be set with session_token')
  })

/** The provider with a clock of its own: signatures tell the time. */
export function bedrockAt(now: () => number): Provider<BedrockConfig> {
  return defineProvider<BedrockConfig>({
    id: 'bedrock',
    title,
    config,
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
    fieldEnv: [
      { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'] },
      {
        access_key_id: ['AWS_ACCESS_KEY_ID'],
        secret_access_key: ['AWS_SECRET_ACCESS_KEY'],
        session_token: ['AWS_SESSION_TOKEN'],
      },
    ],
    needsCredential: ({ access_key_id: accessKey }) => accessKey === undefined,
    offers: [
      {
        operation: 'chat',
        dialect: 'bedrock-converse',
        path: (model, stream) => `/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`,
      },
    ],
    baseUrl: ({ base_url: base, region = '' }) => base ?? `https://bedrock-runtime.${region}.amazonaws.com`,
    sign: (outbound, fields, credential) =>
      credential === undefined && fields.access_key_id !== undefined
        ? withSignature(outbound, fields, now())
        : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
    prices: 'aws',
  })
}

function withSignature(outbound: Outbound, fields: BedrockConfig, now: number): Outbound {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken, region } = fields
  if (accessKeyId === undefined || secretAccessKey === undefined || region === undefined)
    throw new Fault('provider_authentication', `No credential is configured for ${title}.`)
  const { method, origin, path, headers } = outbound
  const signed = {
    host: new URL(origin).host,
    ...(headers['content-type'] !== undefined && { 'content-type': headers['content-type'] }),
  }
  return withHeaders(
    outbound,
    signatureHeaders(
      { method, path, headers: signed, body: wholeBody(outbound) },
      { accessKeyId, secretAccessKey, sessionToken },
      { region, service: 'bedrock', now },
    ),
  )
}

export const bedrock = bedrockAt(Date.now)
