/**
 * Turns the client's request into the one for a deployment. Where both sides speak the same dialect the bytes stay as they are but
 * for the model's name; otherwise the request is decoded once and encoded for the target, and what it cannot say is noted.
 */
import type { Body } from '../../kernel/body.ts'
import type { Deployment, Endpoint } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { Fault } from '../../model/fault.ts'
import type { Loss } from '../../model/loss.ts'

export interface Prepared {
  /** The provider is asked to go on from what it remembers. */
  readonly native: boolean
  readonly endpoint: Endpoint
  readonly outbound: Outbound
  /** Both sides speak the same dialect: the answer's bytes are the client's too. The request may still have been rewritten. */
  readonly verbatim: boolean
  /** Usage was asked for on the gateway's own account. */
  readonly withholdUsage: boolean
  readonly lost: readonly Loss[]
}

/** The endpoint of the client's own dialect, else the first one that serves the operation. */
export function chooseEndpoint(exchange: Exchange, deployment: Deployment): Endpoint | undefined {
  const endpoints = deployment.endpoints.get(exchange.surface.operation)
  return endpoints?.find(({ dialect }) => dialect === exchange.surface.dialect) ?? endpoints?.[0]
}

export function prepare(exchange: Exchange, deployment: Deployment): Prepared {
  const endpoint = chooseEndpoint(exchange, deployment)
  if (endpoint === undefined) {
    throw new Fault('operation_not_supported', `${deployment.id} does not serve ${exchange.surface.operation}.`)
  }
  // A client that wants its stream in another framing gets it translated, be it into its own dialect.
  const verbatim = endpoint.dialect === exchange.surface.dialect && exchange.address?.framing === undefined
  const continued = verbatim && exchange.native?.provider === deployment.provider ? exchange.native : undefined
  const asked = continued?.body ?? exchange.body
  const untouched = verbatim && endpoint.dialect.mustTranslate?.(asked) !== true
  const { stream } = exchange.head
  const asksUsage = stream && wantsUsage(exchange, deployment)

  let body: Uint8Array
  let lost: readonly Loss[] = []
  let withholdUsage = false
  if (untouched) {
    const edits = asksUsage ? endpoint.dialect.usageEdits?.(asked) : undefined
    withholdUsage = edits !== undefined
    body = asked.splice({
      ...edits,
      ...(exchange.head.model !== deployment.model &&
        endpoint.dialect.addressed !== true && { model: JSON.stringify(deployment.model) }),
    })
  } else {
    const encoded = encodeFor(exchange, asked, deployment, endpoint)
    lost = encoded.lost
    body = Buffer.from(JSON.stringify(encoded.json))
  }
  if (exchange.plan.strictTranslation && lost.length > 0) {
    const paths = lost.map(({ path }) => path).join(', ')
    throw new Fault(
      'not_expressible',
      `${deployment.id} cannot express: ${paths}. Remove them, or choose another model.`,
      { param: lost[0]?.path ?? 'body' },
    )
  }

  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: (stream ? endpoint.dialect.stream?.contentType : undefined) ?? 'application/json',
    'user-agent': 'sluicegate',
    ...deployment.headers,
  }
  if (verbatim) {
    for (const name of endpoint.dialect.requestHeaders) {
      const value = exchange.header(name)
      if (value !== undefined) headers[name] = value
    }
  }
  return {
    endpoint,
    outbound: { method: 'POST', origin: endpoint.origin, path: endpoint.path(deployment.model, stream), headers, body },
    native: continued !== undefined,
    verbatim,
    withholdUsage,
    lost,
  }
}

function encodeFor(exchange: Exchange, body: Body<unknown>, deployment: Deployment, endpoint: Endpoint) {
  const request = body.read()
  const context = {
    model: deployment.model,
    ...(deployment.maxOutput !== undefined && { maxOutput: deployment.maxOutput }),
  }
  const asked = exchange.head.stream && deployment.streamUsage !== 'never' ? withUsageAsked(request) : request
  return endpoint.dialect.request.encode(asked, context)
}

/** The same request with usage asked for in its stream: a translated stream is ours to shape, so the question costs nothing. */
function withUsageAsked(request: unknown): unknown {
  return typeof request === 'object' && request !== null ? { ...request, streamUsage: true } : request
}

function wantsUsage(exchange: Exchange, deployment: Deployment): boolean {
  if (deployment.streamUsage === 'always') return true
  if (deployment.streamUsage === 'never') return false
  const policy = exchange.key?.policy
  return (policy?.budgets?.length ?? 0) > 0 || (policy?.tokens?.length ?? 0) > 0
}
