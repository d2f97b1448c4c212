/** One request for a provider's own path: makes its exchange, runs the pipeline, and writes the answer as the provider gave it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Exchange } from '../../kernel/exchange.ts'
import type { Passage } from '../../kernel/passage.ts'
import { wholeOf } from '../../kernel/reply.ts'
import type { Reply, StreamReply } from '../../kernel/reply.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { Run } from '../../pipeline/compose.ts'
import { checkedQuery } from '../../pipeline/pass-through/pass-path.ts'
import { faultHeaders, sendFault } from '../fault-response.ts'
import { readBody } from '../read-body.ts'
import { nextExchangeId, requestIdOf } from '../request-id.ts'
import { answerHeaders, giveUpAfter, urlKeyOf } from '../serve-exchange.ts'
import type { ServeContext } from '../serve-exchange.ts'
import type { PassMatch } from './pass-paths.ts'
import { streamedBody } from './streamed-body.ts'
import type { StreamedLimits } from './streamed-body.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export async function servePassage(
  context: ServeContext & { readonly run: Run },
  match: PassMatch,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, bodyLimit, uploadLimit } = context
  const at = clock.now()
  const id = nextExchangeId(at)
  const requestId = requestIdOf(request.headers['x-request-id'], id)
  let passage: Passage
  try {
    passage = passageOf(match, request, { body: bodyLimit, upload: uploadLimit })
  } catch (error) {
    const fault = asFault(error)
    context.onRefused(fault)
    sendFault(response, match.target.dialect.fault, fault, requestId, [
      'x-request-id',
      requestId,
      'request-id',
      requestId,
    ])
    return
  }
  const { metered } = passage.place
  const urlKey = urlKeyOf(request.url)
  const exchange = new Exchange({
    id,
    requestId,
    surface: {
      id: `PASS ${passage.method}`,
      operation: metered?.operation ?? 'pass',
      dialect: metered?.dialect ?? match.target.dialect,
    },
    plan: context.plan(),
    headers: request.headers,
    at,
    startedAt: clock.monotonic(),
    receive: () => readBody(request, bodyLimit),
    passage,
    ...(metered !== undefined && { address: metered.address }),
    ...(urlKey !== undefined && { urlKey }),
  })
  response.on('close', () => {
    if (!response.writableFinished) exchange.abandon()
  })
  try {
    const reply = await context.run(exchange)
    if (exchange.gone && reply.kind === 'bytes') return
    writePassed(exchange, reply, response, context.flushTimeout)
  } catch (error) {
    const fault = asFault(error)
    if (fault.code === 'internal_error') context.onDefect(fault, requestId)
    if (!exchange.recorded) context.onRefused(fault)
    sendFault(response, exchange.surface.dialect.fault, fault, requestId, answerHeaders(exchange))
  }
}

function passageOf({ target, path }: PassMatch, request: IncomingMessage, limits: StreamedLimits): Passage {
  const { method = '', url = '', headers } = request
  if (!methods.has(method))
    throw new Fault('method_not_allowed', `No ${method} requests are passed through.`, {
      headers: { allow: [...methods].join(', ') },
    })
  if (headers.upgrade?.toLowerCase() === 'websocket')
    throw new Fault(
      'operation_not_supported',
      'WebSocket connections are not passed through. The gateway serves its own at /v1/responses.',
    )
  const question = url.indexOf('?')
  return {
    target,
    place: target.place(method, path),
    method,
    query: checkedQuery(question === -1 ? '' : url.slice(question + 1)),
    open: (inMemory) => streamedBody(request, limits, inMemory),
  }
}

function writePassed(exchange: Exchange, reply: Reply, response: ServerResponse, flushTimeout: number): void {
  const own = answerHeaders(exchange)
  if (reply.kind === 'bytes' && reply.fault !== undefined)
    own.push('x-sluicegate-fault', faultHeaders(reply.fault)[1] ?? '')
  const names = new Set(own.filter((_, index) => index % 2 === 0))
  // What the gateway says of its own limits comes before what the provider says of its.
  const theirs = Object.entries(reply.headers ?? {}).flatMap(([name, value]) => (names.has(name) ? [] : [name, value]))
  response.writeHead(reply.status, [...own, ...theirs])
  if (reply.kind === 'stream') return writeBody(reply, response, flushTimeout)
  response.end(wholeOf(reply))
  giveUpAfter(flushTimeout, response)
}

/**
 * A client that knows the length has its answer with the last byte, before the connection says so: the piece that completes it waits
 * until the exchange is on record.
 */
function writeBody(reply: StreamReply, response: ServerResponse, flushTimeout: number): void {
  const length = Number(reply.headers?.['content-length'] ?? Number.NaN)
  let written = 0
  let last: Uint8Array | string | undefined
  response.on('drain', () => reply.source.resume())
  reply.source.start({
    write(chunk) {
      written += chunk.length
      if (written >= length) {
        last = chunk
        return true
      }
      return response.write(chunk)
    },
    end({ outcome }) {
      // Half an answer must not look like a whole one.
      if (outcome === 'client-gone' || outcome === 'cut') {
        response.destroy()
        return
      }
      response.end(last)
      giveUpAfter(flushTimeout, response)
    },
  })
}
