/**
 * Amazon SageMaker endpoints whose containers speak OpenAI's chat protocol (Text Generation Inference, and Large Model Inference: "Chat
 * Completions API Schema", docs.djl.ai/docs/serving/serving/docs/lmi/user_guides/chat_input_output_schema.html). The model is the name of
 * the endpoint. A stream comes in pieces inside AWS's events, cut anywhere: as events, or as lines of JSON ("InvokeEndpoint" and
 * "InvokeEndpointWithResponseStream", docs.aws.amazon.com/sagemaker/latest/APIReference; read 2026-11).
 */
import { LineReader } from '../bytes/line-reader.ts'
import { formatSseEvent } from '../bytes/sse-writer.ts'
import { awsEventsAsSse } from '../kernel/aws-events-as-sse.ts'
import type { WrappedEvents } from '../kernel/aws-events-as-sse.ts'
import { awsProblems, awsSigner, regionOf } from '../kernel/identity/aws/aws-signer.ts'
import { awsEnv, signedServiceConfig } from '../kernel/identity/aws/fields.ts'
import type { AwsIdentity } from '../kernel/identity/aws/fields.ts'
import { awsDomain } from '../kernel/identity/aws/keys.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { ProviderConfig } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'Amazon SageMaker'

export const sagemaker = defineProvider<ProviderConfig & AwsIdentity>({
  id: 'sagemaker',
  deploymentNames: true,
  title,
  config: signedServiceConfig('Address of another endpoint of the runtime, such as one inside a VPC.'),
  docs: [
    {
      title: 'InvokeEndpointWithResponseStream',
      url: 'https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html',
      read: '2026-11-27',
    },
    {
      title: 'Chat Completions API Schema',
      url: 'https://docs.djl.ai/docs/serving/serving/docs/lmi/user_guides/chat_input_output_schema.html',
      read: '2026-11-27',
    },
    {
      title: 'Messages API',
      url: 'https://huggingface.co/docs/text-generation-inference/messages_api',
      read: '2026-11-27',
    },
  ],
  env: [],
  fieldEnv: awsEnv,
  keyless: true,
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: (endpoint, stream) => `/endpoints/${pathStep(endpoint)}/invocations${stream ? '-response-stream' : ''}`,
      // The container knows its model by a name that nobody here knows.
      body: () => ({ model: undefined }),
      // Chat templates of open models know no `developer`.
      traits: () => ({ developerRole: false }),
      receive: (handler) => awsEventsAsSse(handler, pieces),
    },
  ],
  baseUrl(fields) {
    const region = regionOf(fields) ?? ''
    return fields.base_url ?? `https://runtime.sagemaker.${region}.${awsDomain(region)}`
  },
  /** There are no keys but those to sign with: a credential can only be for something in front of the service. */
  sign: (outbound, _fields, credential) =>
    withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  open: (fields, context) => awsSigner(fields, { title, service: 'sagemaker' }, context),
  problems: awsProblems,
})

const openBrace = 0x7b
const whiteSpace: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Pieces of one stream: events go through as they are, lines of JSON become events. */
function pieces(): WrappedEvents {
  let lines: LineReader | undefined
  let begun = false
  const asEvents = (texts: readonly string[]): string => texts.map((data) => formatSseEvent({ data })).join('')
  return {
    event(payload) {
      if (!begun) {
        const first = payload.find((byte) => !whiteSpace.has(byte))
        if (first === undefined) return ''
        begun = true
        if (first === openBrace) lines = new LineReader()
      }
      return lines === undefined ? payload : asEvents(lines.push(payload))
    },
    exception(kind, message) {
      const error = { message, type: 'server_error', code: kind }
      return `\n\n${formatSseEvent({ data: JSON.stringify({ error }) })}`
    },
    end: () => (lines === undefined ? '' : asEvents(lines.end())),
  }
}
