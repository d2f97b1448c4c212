/** One request of the data plane: makes the exchange, runs the pipeline, and writes what comes back under back-pressure. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ByteRope } from '../bytes/byte-rope.ts'
import type { Spool } from '../control/uploads/spool.ts'
import type { Clock } from '../kernel/clock.ts'
import { Exchange } from '../kernel/exchange.ts'
import type { AnyDialect } from '../kernel/deployment.ts'
import type { Plan } from '../kernel/plan.ts'
import type { BytesReply, Reply, StreamReply } from '../kernel/reply.ts'
import type { FormFiles } from '../kernel/upload.ts'
import { asFault } from '../model/fault.ts'
import type { Fault } from '../model/fault.ts'
import type { Coordinates } from '../model/place.ts'
import { formatUsd } from '../model/money.ts'
import { faultHeaders, sendFault } from './fault-response.ts'
import { readBody } from './read-body.ts'
import { isForm, readForm } from './read-form.ts'
import { nextExchangeId, requestIdOf } from './request-id.ts'
import type { Match } from './surface-table.ts'
import { writeHead } from './write-head.ts'

export interface ServeContext {
  readonly clock: Clock
  readonly bodyLimit: number
  readonly uploadLimit: number
  readonly spool: Spool
  /** Milliseconds after which a client that takes nothing of a complete answer is given up. */
  readonly flushTimeout: number
  /** The plan in force now; the exchange keeps it to its end. */
  readonly plan: () => Plan
  /** Where the client of a request is, by its address. */
  readonly locate: (request: IncomingMessage) => Coordinates | undefined
  /** Hears of faults that are defects of the gateway. */
  readonly onDefect: (fault: Fault, requestId: string) => void
  /** Hears of requests that were turned away before they were on record. */
  readonly onRefused: (fault: Fault) => void
}

export async function serveExchange(
  context: ServeContext,
  { served: { surface, run }, address }: Match,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock } = context
  const at = clock.now()
  const id = nextExchangeId(at)
  const urlKey = address === undefined ? undefined : urlKeyOf(request.url)
  const exchange = new Exchange({
    id,
    requestId: requestIdOf(request.headers['x-request-id'], id),
    surface,
    plan: context.plan(),
    headers: request.headers,
    at,
    startedAt: clock.monotonic(),
    receive: () =>
      sendsForm(surface.dialect, request)
        ? readForm(
            request,
            { upload: context.uploadLimit, fields: context.bodyLimit },
            context.spool,
            surface.dialect.files ?? noFiles,
          )
        : readBody(request, context.bodyLimit),
    ...(address !== undefined && { address }),
    ...(urlKey !== undefined && { urlKey }),
    locate: () => context.locate(request),
  })
  response.on('close', () => {
    if (!response.writableFinished) exchange.abandon()
  })
  try {
    const reply = await run(exchange)
    if (exchange.gone && reply.kind === 'bytes') return
    writeReply(exchange, reply, response, context.flushTimeout)
  } catch (error) {
    const fault = asFault(error)
    if (fault.code === 'internal_error') context.onDefect(fault, exchange.requestId)
    if (!exchange.recorded) context.onRefused(fault)
    sendFault(response, surface.dialect.fault, fault, exchange.requestId, answerHeaders(exchange))
  }
}

/** Some requests may come as a form or not. */
const sendsForm = ({ carries }: AnyDialect, request: IncomingMessage): boolean =>
  carries === 'form' || (carries === 'form-with-files' && isForm(request))

const noFiles: FormFiles = { media: 'sound', fields: {}, example: '' }

/** The key in a URL's `key` parameter, where Google's clients may put it. */
export function urlKeyOf(url = '/'): string | undefined {
  const question = url.indexOf('?')
  return question === -1 ? undefined : (new URLSearchParams(url.slice(question)).get('key') ?? undefined)
}

export function writeReply(exchange: Exchange, reply: Reply, response: ServerResponse, flushTimeout: number): void {
  const headers = answerHeaders(exchange)
  headers.push('content-type', reply.contentType)
  for (const name in reply.headers) headers.push(name, reply.headers[name] ?? '')
  if (reply.kind === 'bytes') {
    writeBytes(exchange, reply, headers, response)
    giveUpAfter(flushTimeout, response)
  } else writeStream(reply, headers, response, flushTimeout)
}

/** An answer that is complete waits in memory for its client, who may never read it. */
export function giveUpAfter(milliseconds: number, response: ServerResponse): void {
  if (response.writableLength > 0) response.setTimeout(milliseconds, () => response.destroy())
}

function writeBytes(exchange: Exchange, reply: BytesReply, headers: string[], response: ServerResponse): void {
  if (exchange.cost !== undefined) headers.push('x-sluicegate-cost-usd', formatUsd(exchange.cost))
  if (exchange.safety !== undefined) headers.push('x-sluicegate-safety', exchange.safety)
  if (reply.fault !== undefined)
    headers.push(...faultHeaders(reply.fault).filter((_, index, all) => !isRepeated(all, index, reply)))
  const bytes = typeof reply.bytes === 'string' ? Buffer.from(reply.bytes) : reply.bytes
  headers.push('content-length', String(bytes.length))
  writeHead(response, reply.status, headers)
  if (bytes instanceof ByteRope) endWith(response, bytes)
  else response.end(bytes)
}

function endWith(response: ServerResponse, rope: ByteRope): void {
  response.cork()
  for (const piece of rope.views(0, rope.length)) response.write(piece)
  response.end()
}

/** A header that the reply itself brings is not sent twice. `headers` alternates names and values. */
function isRepeated(headers: readonly string[], index: number, reply: BytesReply): boolean {
  const name = headers[index - (index % 2)] ?? ''
  return reply.headers?.[name] !== undefined
}

export function writeStream(
  reply: StreamReply,
  headers: string[],
  response: ServerResponse,
  flushTimeout: number,
): void {
  headers.push('cache-control', 'no-cache', 'x-accel-buffering', 'no')
  writeHead(response, reply.status, headers)
  response.on('drain', () => reply.source.resume())
  reply.source.start({
    write: (chunk) => response.write(chunk),
    end(summary) {
      if (summary.outcome === 'client-gone' || summary.untold === true) {
        response.destroy()
        return
      }
      response.end()
      giveUpAfter(flushTimeout, response)
    },
  })
}

/** What every answer tells, as alternating names and values. */
export function answerHeaders(exchange: Exchange): string[] {
  const { deployment, route, requestId, attempts, lost, limitHeaders } = exchange
  const headers = ['x-request-id', requestId, 'request-id', requestId]
  if (deployment !== undefined) {
    headers.push(
      'x-sluicegate-model',
      headerText(deployment.model),
      'x-sluicegate-provider',
      deployment.provider,
      'x-sluicegate-attempts',
      String(attempts.filter(({ advice }) => advice !== true).length),
    )
    const path = route?.pathOf(deployment)
    if (path !== undefined) headers.push('x-sluicegate-route', headerText(path))
  }
  headers.push('x-sluicegate-overhead-ms', exchange.overhead.toFixed(2))
  if (lost.length > 0) headers.push('x-sluicegate-lost', lostHeader(lost.map(({ path }) => path)))
  for (const name in limitHeaders) headers.push(name, limitHeaders[name] ?? '')
  return headers
}

const longestLost = 2000

function lostHeader(paths: readonly string[]): string {
  const text = headerText([...new Set(paths)].join(', '))
  return text.length <= longestLost ? text : `${text.slice(0, longestLost)}…`.replace('…', '...')
}

/** What came from a client or provider may hold anything; a header may not. */
const headerText = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : text.replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character.isWellFormed() ? character : '?'))
