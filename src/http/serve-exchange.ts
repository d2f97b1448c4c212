/** One request of the data plane: makes the exchange, runs the pipeline, and writes what comes back under back-pressure. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ByteRope } from '../bytes/byte-rope.ts'
import type { Spool } from '../control/uploads/spool.ts'
import type { Clock } from '../kernel/clock.ts'
import { Exchange } from '../kernel/exchange.ts'
import type { ExchangeInit, Surface } from '../kernel/exchange.ts'
import type { AnyDialect } from '../kernel/deployment.ts'
import type { Plan } from '../kernel/plan.ts'
import type { BytesReply, Reply, StreamReply } from '../kernel/reply.ts'
import type { FormFiles } from '../kernel/upload.ts'
import { asFault } from '../model/fault.ts'
import type { Fault } from '../model/fault.ts'
import type { Coordinates } from '../model/place.ts'
import { formatUsd } from '../model/money.ts'
import type { Answer } from './answer.ts'
import { KeepAlive, notStreamed } from './keep-alive.ts'
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
  readonly locate: (asked: Pick<Asked, 'headers' | 'socket'>) => Coordinates | undefined
  /** Hears of faults that are defects of the gateway. */
  readonly onDefect: (fault: Fault, requestId: string) => void
  /** Hears of requests that were turned away before they were on record. */
  readonly onRefused: (fault: Fault) => void
}

/** What the data plane needs to see of a request, whoever has read it. */
export interface Asked {
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Tells who is at the other end. */
  readonly socket: Socket
  readonly receive: ExchangeInit['receive']
}

export async function serveExchange(
  context: ServeContext,
  { served: { surface, run }, address }: Match,
  asked: Asked,
  response: Answer,
): Promise<void> {
  const { clock } = context
  const at = clock.now()
  const id = nextExchangeId(at)
  const urlKey = address === undefined ? undefined : urlKeyOf(asked.url)
  const exchange = new Exchange({
    id,
    requestId: requestIdOf(asked.headers['x-request-id'], id),
    surface,
    plan: context.plan(),
    headers: asked.headers,
    at,
    startedAt: clock.monotonic(),
    receive: asked.receive,
    ...(address !== undefined && { address }),
    ...(urlKey !== undefined && { urlKey }),
    locate: () => context.locate(asked),
  })
  const { keepAlive: interval } = exchange.plan
  const waiting =
    interval === undefined
      ? undefined
      : new KeepAlive(clock, interval, {
          exchange,
          response,
          writeHead: (contentType) =>
            beginStream(response, 200, [...answerHeaders(exchange, false), 'content-type', contentType]),
        })
  response.on('close', () => {
    waiting?.stop()
    if (!response.writableFinished) exchange.abandon()
  })
  try {
    const reply = await run(exchange)
    if (exchange.gone && reply.kind === 'bytes') return waiting?.stop()
    writeReply(exchange, reply, response, context.flushTimeout, waiting)
  } catch (error) {
    const fault = asFault(error)
    if (fault.code === 'internal_error') context.onDefect(fault, exchange.requestId)
    if (!exchange.recorded) context.onRefused(fault)
    if (waiting?.hasBegun === true) return waiting.fail(fault)
    waiting?.stop()
    sendFault(response, surface.dialect.fault, fault, exchange.requestId, answerHeaders(exchange))
  }
}

/** A request that Node has read the head of. */
export const askedThroughNode = (context: ServeContext, { dialect }: Surface, request: IncomingMessage): Asked => ({
  url: request.url,
  headers: request.headers,
  socket: request.socket,
  receive: () =>
    sendsForm(dialect, request)
      ? readForm(
          request,
          { upload: context.uploadLimit, fields: context.bodyLimit },
          context.spool,
          dialect.files ?? noFiles,
        )
      : readBody(request, context.bodyLimit),
})

/** Some requests may come as a form or not. */
const sendsForm = ({ carries }: AnyDialect, request: IncomingMessage): boolean =>
  carries === 'form' || (carries === 'form-with-files' && isForm(request))

const noFiles: FormFiles = { media: 'sound', fields: {}, example: '' }

/** The key in a URL's `key` parameter, where Google's clients may put it. */
export function urlKeyOf(url = '/'): string | undefined {
  const question = url.indexOf('?')
  return question === -1 ? undefined : (new URLSearchParams(url.slice(question)).get('key') ?? undefined)
}

export function writeReply(
  exchange: Exchange,
  reply: Reply,
  response: Answer,
  flushTimeout: number,
  waiting?: KeepAlive,
): void {
  if (waiting?.hasBegun === true) {
    if (reply.kind === 'stream') pour(reply, response, flushTimeout, waiting)
    else waiting.fail(reply.fault ?? notStreamed())
    return
  }
  const headers = answerHeaders(exchange)
  headers.push('content-type', reply.contentType)
  for (const name in reply.headers) headers.push(name, reply.headers[name] ?? '')
  if (reply.kind === 'bytes') {
    waiting?.stop()
    writeBytes(exchange, reply, headers, response)
    giveUpAfter(flushTimeout, response)
  } else {
    beginStream(response, reply.status, headers)
    pour(reply, response, flushTimeout, waiting)
  }
}

/** An answer that is complete waits in memory for its client, who may never read it. */
export function giveUpAfter(milliseconds: number, response: Answer): void {
  if (response.writableLength > 0) response.setTimeout(milliseconds, () => response.destroy())
}

function writeBytes(exchange: Exchange, reply: BytesReply, headers: string[], response: Answer): void {
  if (exchange.cost !== undefined && !exchange.unpriced) headers.push('x-sluicegate-cost-usd', formatUsd(exchange.cost))
  if (exchange.safety !== undefined) headers.push('x-sluicegate-safety', exchange.safety)
  if (reply.fault !== undefined)
    headers.push(...faultHeaders(reply.fault).filter((_, index, all) => !isRepeated(all, index, reply)))
  const bytes = typeof reply.bytes === 'string' ? Buffer.from(reply.bytes) : reply.bytes
  headers.push('content-length', String(bytes.length))
  writeHead(response, reply.status, headers)
  if (bytes instanceof ByteRope) endWith(response, bytes)
  else response.end(bytes)
}

function endWith(response: Answer, rope: ByteRope): void {
  const pieces = rope.views(0, rope.length)
  const last = pieces.pop()
  for (const piece of pieces) response.write(piece)
  response.end(last)
}

/** A header that the reply itself brings is not sent twice. `headers` alternates names and values. */
function isRepeated(headers: readonly string[], index: number, reply: BytesReply): boolean {
  const name = headers[index - (index % 2)] ?? ''
  return reply.headers?.[name] !== undefined
}

function beginStream(response: Answer, status: number, headers: string[]): void {
  headers.push('cache-control', 'no-cache', 'x-accel-buffering', 'no')
  writeHead(response, status, headers)
}

export function writeStream(reply: StreamReply, headers: string[], response: Answer, flushTimeout: number): void {
  beginStream(response, reply.status, headers)
  pour(reply, response, flushTimeout)
}

/** Writes a stream whose head is written. */
function pour({ source }: StreamReply, response: Answer, flushTimeout: number, waiting?: KeepAlive): void {
  response.on('drain', () => source.resume())
  source.start({
    write:
      waiting === undefined
        ? (chunk) => response.write(chunk)
        : (chunk) => {
            waiting.wrote(chunk)
            return response.write(chunk)
          },
    end(summary) {
      waiting?.stop()
      if (summary.outcome === 'client-gone' || summary.untold === true) {
        response.destroy()
        return
      }
      response.end()
      giveUpAfter(flushTimeout, response)
    },
  })
}

/** What every answer tells, as alternating names and values; of who gives it only where that is known. */
export function answerHeaders(exchange: Exchange, isAnswered = true): string[] {
  const { deployment, requestId, attempts, lost, limitHeaders } = exchange
  const headers = ['x-request-id', requestId, 'request-id', requestId]
  if (deployment !== undefined && isAnswered) {
    headers.push(
      'x-sluicegate-model',
      headerText(deployment.model),
      'x-sluicegate-provider',
      deployment.provider,
      'x-sluicegate-attempts',
      String(attempts.filter(({ advice }) => advice !== true).length),
    )
    const path = exchange.wayTo(deployment)
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
    : text.replace(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character.isWellFormed() ? character : '?'))
