/**
 * Claude at Bedrock in Anthropic's own protocol, by InvokeModel: the model stands in the path, the version of the protocol and what is in
 * beta in the body, and the events of a stream come base64 in JSON in AWS's events ("Anthropic Claude Messages API",
 * docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html; "InvokeModelWithResponseStream",
 * …/APIReference/API_runtime_InvokeModelWithResponseStream.html; anthropics/anthropic-sdk-typescript, packages/bedrock-sdk; read 2026-11).
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { awsEventsAsSse } from '../../kernel/aws-events-as-sse.ts'
import type { WrappedEvents } from '../../kernel/aws-events-as-sse.ts'
import type { Offer } from '../../kernel/provider.ts'
import { isJsonObject } from '../../model/json.ts'
import { pathStep } from '../../kernel/path-step.ts'

/** By its id or that of an inference profile; what is known by an ARN alone, by the protocol in the configuration. */
const isClaude = (model: string, protocol: string | undefined): boolean =>
  protocol === 'anthropic-messages' || /(?:^|[./])anthropic\.claude/.test(model)

export const claudeOffer: Offer = {
  operation: 'chat',
  dialect: 'anthropic-messages',
  verified: true,
  serves: isClaude,
  path: (model, stream) => `/model/${pathStep(model)}/invoke${stream ? '-with-response-stream' : ''}`,
  body(asked) {
    const betas = asked
      .header('anthropic-beta')
      ?.split(',')
      .map((beta) => beta.trim())
    return {
      anthropic_version: 'bedrock-2023-05-31',
      model: undefined,
      stream: undefined,
      ...(betas !== undefined && { anthropic_beta: betas }),
    }
  },
  // "Vision", platform.claude.com/docs/en/build-with-claude/vision: base64 sources only.
  traits: () => ({ mediaUrls: [] }),
  receive: (handler) => awsEventsAsSse(handler, () => claudeEvents),
}

/** Anthropic's word for what AWS says went wrong. */
const errorTypes: Readonly<Record<string, string>> = {
  throttlingexception: 'rate_limit_error',
  validationexception: 'invalid_request_error',
  modeltimeoutexception: 'timeout_error',
  serviceunavailableexception: 'overloaded_error',
}

const claudeEvents: WrappedEvents = {
  event(payload) {
    const json = parsed(payload)
    const bytes = isJsonObject(json) ? json['bytes'] : undefined
    if (typeof bytes !== 'string') return ''
    const data = Buffer.from(bytes, 'base64').toString('utf8')
    const inside = parsed(data)
    const type = isJsonObject(inside) ? inside['type'] : undefined
    return formatSseEvent({ ...(typeof type === 'string' && { event: type.replaceAll(/[\r\n]/g, '') }), data })
  },
  exception(kind, message) {
    const type = errorTypes[kind.toLowerCase()] ?? 'api_error'
    return formatSseEvent({ event: 'error', data: JSON.stringify({ type: 'error', error: { type, message } }) })
  },
}

function parsed(text: Uint8Array | string): unknown {
  try {
    return parseJson(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'))
  } catch {
    return undefined
  }
}
