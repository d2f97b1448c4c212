/**
 * Agents and knowledge bases of AWS Bedrock, which have a service of their own beside the one for models. They are named as models:
 * `agent/AGENT/ALIAS` and `knowledge-base/BASE/MODEL`, and `knowledge-base/BASE` for searching a base alone. Bedrock's API keys do not open this service, so requests are signed.
 */
import { awsProblems, awsSigner, regionOf } from '../../kernel/identity/aws/aws-signer.ts'
import { awsEnv, signedServiceConfig } from '../../kernel/identity/aws/fields.ts'
import type { AwsIdentity } from '../../kernel/identity/aws/fields.ts'
import { awsDomain } from '../../kernel/identity/aws/keys.ts'
import { defineProvider } from '../../kernel/provider.ts'
import type { AskedFor, ProviderConfig } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { completeEvents } from './complete-events.ts'
import { pathStep } from '../../kernel/path-step.ts'

const title = 'AWS Bedrock Agents and Knowledge Bases'
const baseName = /^knowledge-base\/([^/]+)$/
const agentName = /^agent\/([^/]+)\/([^/]+)$/

/** The session that the client goes on with, or one of this request alone. */
function agentPath(model: string, asked: AskedFor | undefined): string {
  const named = asked?.member('sessionId')
  const session = typeof named === 'string' ? named : (asked?.attemptId ?? 'new')
  const [, agent = model, alias = ''] = agentName.exec(model) ?? []
  const steps = ['agents', agent, 'agentAliases', alias, 'sessions', session, 'text']
  return `/${steps.map(pathStep).join('/')}`
}

export const bedrockAgents = defineProvider<ProviderConfig & AwsIdentity>({
  id: 'bedrock-agents',
  title,
  config: signedServiceConfig('Address of another endpoint of the agent runtime, such as one inside a VPC.'),
  docs: [
    {
      title: 'InvokeAgent',
      url: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html',
      read: '2026-11-27',
    },
    {
      title: 'RetrieveAndGenerate',
      url: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_RetrieveAndGenerate.html',
      read: '2026-11-27',
    },
    {
      title: 'Retrieve',
      url: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Retrieve.html',
      read: '2026-11-27',
    },
    {
      title: 'RetrieveAndGenerateStream',
      url: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_RetrieveAndGenerateStream.html',
      read: '2026-11-27',
    },
  ],
  env: [],
  fieldEnv: awsEnv,
  keyless: true,
  offers: [
    {
      operation: 'chat',
      dialect: 'bedrock-agent',
      verified: true,
      serves: (model) => agentName.test(model),
      path: (model, _stream, asked) => agentPath(model, asked),
      body: () => ({ sessionId: undefined }),
      receive: (handler, stream) => (stream ? handler : completeEvents(handler)),
    },
    {
      operation: 'chat',
      dialect: 'bedrock-knowledge-base',
      verified: true,
      serves: (model) => /^knowledge-base\/[^/]+\/./.test(model),
      path: (_model, stream) => (stream ? '/retrieveAndGenerateStream' : '/retrieveAndGenerate'),
    },
    {
      operation: 'search',
      dialect: 'bedrock-retrieve',
      verified: true,
      serves: (model) => baseName.test(model),
      path: (model) => `/knowledgebases/${pathStep(baseName.exec(model)?.[1] ?? model)}/retrieve`,
    },
  ],
  baseUrl(fields) {
    const region = regionOf(fields) ?? ''
    return fields.base_url ?? `https://bedrock-agent-runtime.${region}.${awsDomain(region)}`
  },
  /** There are no keys but those to sign with: a credential can only be for something in front of the service. */
  sign: (outbound, _fields, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  open: (fields, context) => awsSigner(fields, { title, service: 'bedrock' }, context),
  problems: awsProblems,
})
