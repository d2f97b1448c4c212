/**
 * The innermost stage of a request for a provider's own path: signs it with the gateway's credential and sends it, once. Only where a
 * credential itself was refused is another one tried, and only with a body that can be sent again.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Passage, Upload } from '../../kernel/passage.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { Fault } from '../../model/fault.ts'
import { wantsUsage } from '../attempt/outbound.ts'
import { passOnce } from '../pass-through/pass-attempt.ts'
import { RoutingQuery } from '../routing-query.ts'
import { headersForProvider, queryForProvider } from '../pass-through/pass-headers.ts'

/** Bytes of a body that is kept to be sent again. */
const keptBody = 1 << 20

export function passOn(clock: Clock): Stage {
  return {
    name: 'pass-on',
    async run(exchange): Promise<Reply> {
      const { passage, route } = exchange
      if (passage === undefined || route === undefined) throw new TypeError('the exchange has nowhere to go')
      const { targets } = await route.order(new RoutingQuery(exchange))
      const { body, withholdUsage } = await bodyOf(exchange, passage, targets)
      exchange.receivedAt = clock.monotonic()
      const upload = body !== null && 'open' in body ? body : undefined
      // An upload is gone once it was sent.
      const tried = upload === undefined ? targets : targets.slice(0, 1)
      let refused: Fault | undefined
      for (const [index, deployment] of tried.entries()) {
        if (exchange.gone) throw clientGone()
        exchange.deployment = deployment
        const result = await passOnce({
          exchange,
          deployment,
          outbound: outboundOf(exchange, passage, deployment, body),
          upload,
          metered: passage.place.metered,
          withholdUsage,
          faults: exchange.surface.dialect.fault,
          isLast: index === tried.length - 1,
          clock,
          deadlineAt: exchange.startedAt + exchange.plan.totalTimeout,
        })
        if (result.ok) return result.reply
        refused = result.fault
        if (!result.another) break
      }
      throw (
        refused ?? new Fault('operation_not_supported', `${passage.target.provider} has no credential to call it with.`)
      )
    },
  }
}

interface PassedBody {
  readonly body: Uint8Array | readonly Uint8Array[] | Upload | null
  /** Usage was asked for on the gateway's own account. */
  readonly withholdUsage: boolean
}

async function bodyOf(exchange: Exchange, passage: Passage, targets: readonly Deployment[]): Promise<PassedBody> {
  const { metered } = passage.place
  const [deployment] = targets
  if (metered !== undefined) {
    const asks = exchange.head.stream && deployment !== undefined && wantsUsage(exchange, deployment)
    const edits = asks && metered.legible ? metered.dialect.usageEdits?.(exchange.body) : undefined
    return { body: exchange.body.spliced(edits ?? {}), withholdUsage: edits !== undefined }
  }
  const whole = targets.some((target) => target.wholeBody === true)
  const given = passage.open(whole ? Infinity : keptBody)
  const body = given instanceof Promise ? await given : given
  if (!(body instanceof Uint8Array)) return { body: counted(exchange, body), withholdUsage: false }
  exchange.passed = { received: body.length, sent: 0 }
  return { body: body.length === 0 ? null : body, withholdUsage: false }
}

/** The same upload, whose bytes are told to the exchange as they go by. */
function counted(exchange: Exchange, upload: Upload): Upload {
  const passed = { received: 0, sent: 0 }
  exchange.passed = passed
  return {
    ...(upload.length !== undefined && { length: upload.length }),
    get fault() {
      return upload.fault
    },
    async *open() {
      for await (const chunk of upload.open()) {
        passed.received += chunk.length
        yield chunk
      }
    },
  }
}

function outboundOf(
  exchange: Exchange,
  { target, place, method, query }: Passage,
  deployment: Deployment,
  body: PassedBody['body'],
): Outbound {
  const asked = queryForProvider(query, target.search)
  return {
    method,
    origin: target.origin,
    path: asked === '' ? place.path : `${place.path}?${asked}`,
    headers: {
      'user-agent': 'sluicegate',
      ...headersForProvider(exchange.headers),
      ...deployment.headers,
      // What is not encoded can be counted, and goes on as it came.
      'accept-encoding': 'identity',
    },
    body,
  }
}

const clientGone = (): Fault =>
  new Fault('client_gone', 'The client closed the connection before the answer was complete.')
