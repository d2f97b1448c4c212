/**
 * AWS Bedrock's Runtime (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html): one service in each region, called
 * with a Bedrock API key or with a signature. All models speak Converse; Claude speaks Anthropic's protocol as well. Models that
 * make vectors, ranks and pictures have protocols of their own.
 */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { awsProblems, awsSigner, regionOf } from '../../kernel/identity/aws/aws-signer.ts'
import { awsEnv, awsFields, checkAws, hasAwsIdentity } from '../../kernel/identity/aws/fields.ts'
import type { AwsIdentity } from '../../kernel/identity/aws/fields.ts'
import { awsDomain } from '../../kernel/identity/aws/keys.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { ProviderConfig, Signer } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { claudeOffer } from './claude.ts'
import { imageOffers } from './images.ts'
import { vectorOffers } from './vectors.ts'
import { pathStep } from '../../kernel/path-step.ts'

const title = 'AWS Bedrock'

export const bedrock = defineProvider<ProviderConfig & AwsIdentity>({
  id: 'bedrock',
  title,
  config: z
    .strictObject({
      base_url: baseUrlField.optional().describe('Address of another endpoint, such as one inside a VPC.'),
      ...awsFields,
    })
    .superRefine((fields, context) => {
      const complain = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [field], message })
      checkAws(fields, complain)
      if (fields.base_url === undefined && fields.region === undefined && !hasAwsIdentity(fields))
        complain('region', 'must be set, here or by AWS_REGION in the environment')
    }),
  keyUrl: 'https://console.aws.amazon.com/bedrock/home#/api-keys',
  docs: [
    {
      title: 'Converse',
      url: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html',
      read: '2026-11-20',
    },
    {
      title: 'Anthropic Claude Messages API',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html',
      read: '2026-11-27',
    },
    {
      title: 'Amazon Titan Embeddings Text',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html',
      read: '2026-11-27',
    },
    {
      title: 'Rerank 3.5',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-card-cohere-rerank-3-5.html',
      read: '2026-11-27',
    },
    {
      title: 'Amazon Nova Canvas: image generation and editing',
      url: 'https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html',
      read: '2026-11-27',
    },
    {
      title: 'Amazon Titan Image Generator G1 models',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html',
      read: '2026-11-27',
    },
    {
      title: 'Stable Image Ultra',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-stable-ultra-text-image-request-response.html',
      read: '2026-11-27',
    },
    {
      title: 'Stability AI Image Services',
      url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html',
      read: '2026-11-27',
    },
    {
      title: 'Cohere Models on Amazon Bedrock',
      url: 'https://docs.cohere.com/v1/docs/amazon-bedrock.md',
      read: '2026-11-27',
    },
  ],
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  fieldEnv: awsEnv,
  needsCredential: (fields) => !hasAwsIdentity(fields),
  offers: [
    {
      operation: 'chat',
      dialect: 'bedrock-converse',
      verified: true,
      path: (model, stream) => `/model/${pathStep(model)}/converse${stream ? '-stream' : ''}`,
    },
    claudeOffer,
    ...vectorOffers,
    ...imageOffers,
  ],
  regionOf: (fields, model) => whereProcessed(regionOf(fields), model),
  baseUrl(fields) {
    const region = regionOf(fields) ?? ''
    return fields.base_url ?? `https://bedrock-runtime.${region}.${awsDomain(region)}`
  },
  sign: (outbound, _fields, credential) =>
    withHeaders(accepting(outbound), { authorization: `Bearer ${requireCredential(credential, title)}` }),
  open(fields, context): Signer | undefined {
    const signer = awsSigner(fields, { title, service: 'bedrock' }, context)
    return signer && { ...signer, sign: (outbound, credential) => signer.sign(accepting(outbound), credential) }
  },
  problems: awsProblems,
  prices: 'aws',
})

/** What is wanted of a model that is invoked is its protocol's JSON, whatever it will be wrapped in. */
function accepting(outbound: Outbound): Outbound {
  return /\/invoke(?:-with-response-stream)?$/.test(outbound.path)
    ? withHeaders(outbound, { accept: 'application/json' })
    : outbound
}

/**
 * Profiles of inference send requests to other regions: those of an area within it, global ones anywhere. What is behind a profile of an
 * account's own its ARN does not tell ("Increase throughput with cross-Region inference", docs.aws.amazon.com/bedrock/latest/userguide).
 */
function whereProcessed(region: string | undefined, model: string): string | undefined {
  if (model.startsWith('arn:')) return model.includes('inference-profile/') ? undefined : model.split(':')[3]
  const [, profile] = /^(us-gov|us|eu|apac|au|jp|ca|global)\./.exec(model) ?? []
  return profile === undefined ? region : profile === 'us-gov' ? 'us' : profile
}
