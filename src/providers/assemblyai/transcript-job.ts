/**
 * The calls behind one transcript: the file is put up, the transcript ordered, and then asked about until it is done. To the caller they are
 * one call, so its deadlines bound all of them. Whatever becomes of it, the service is told to delete what it has: nobody else knows its id.
 * https://www.assemblyai.com/docs/openapi.json (read 2026-11-27)
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { retryAfterMs } from '../../kernel/codec/retry-after.ts'
import { call } from '../../kernel/gathered-call.ts'
import type { Answered } from '../../kernel/gathered-call.ts'
import type { Outbound, Transport, TransportCall, TransportHandler } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import { pathStep } from '../../kernel/path-step.ts'

/** Milliseconds between two questions: the first, and the longest. */
const firstPause = 500
const longestPause = 5000
const growth = 1.3
/** Questions in a row that may go wrong before the answer is given up. */
const patience = 4
/** Milliseconds that ordering and deleting a transcript may still take after its caller has left. */
const afterwards = 30_000

export interface JobPorts {
  readonly network: Transport
  readonly clock: Clock
}

interface Hearing {
  answered(answer: Answered): void
  failed(error: TransportError | undefined): void
}

export class TranscriptJob implements TransportCall {
  readonly #network: Transport
  readonly #clock: Clock
  readonly #outbound: Outbound
  readonly #handler: TransportHandler
  readonly #whenOver: () => void
  /** The path of the transcripts, and what is ordered of this one. */
  readonly #path: string
  readonly #order: JsonObject
  #call: TransportCall | undefined
  #timer: Timer | undefined
  /** The service may be making a transcript whose id is not known yet. */
  #ordering = false
  #id: string | undefined
  /** The handler hears nothing more. */
  #told = false
  #over = false

  /** `whenOver` is called once, when nothing of it is under way any more. */
  constructor(ports: JobPorts, outbound: Outbound, handler: TransportHandler, whenOver: () => void) {
    this.#network = ports.network
    this.#clock = ports.clock
    this.#outbound = outbound
    this.#handler = handler
    this.#whenOver = whenOver
    const [path = '', query] = outbound.path.split('?', 2)
    this.#path = path
    this.#order = objectIn(new URLSearchParams(query).get('order') ?? '') ?? {}
  }

  start(): void {
    const upload = { ...this.#outbound, path: this.#path.replace(/transcript$/, 'upload') }
    const headers = { ...upload.headers, 'content-type': 'application/octet-stream', accept: 'application/json' }
    this.#ask(
      { ...upload, headers },
      {
        answered: (answer) => {
          const url = memberIn(answer, 'upload_url')
          if (url === undefined) this.#deliver(answer)
          else this.#placeOrder(url)
        },
        failed: (error) => this.#fail(error),
      },
    )
  }

  /** There is nothing to hold back: the answer comes in one piece, at the end. */
  pause(): void {}
  resume(): void {}

  abort(): void {
    if (this.#told) return
    this.#told = true
    if (!this.#ordering) return this.#clear()
    this.#after(afterwards, () => this.#end())
  }

  /** Breaks off whatever is under way. */
  close(): void {
    const told = this.#told
    this.#told = true
    this.#end()
    if (!told) this.#handler.onError(new TransportError('reset', 'the connection to AssemblyAI is closed'))
  }

  #placeOrder(url: string): void {
    this.#ordering = true
    const order: Outbound = {
      ...this.#toTranscripts('POST'),
      headers: { ...this.#outbound.headers, 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify({ ...this.#order, audio_url: url })),
    }
    this.#ask(order, {
      answered: (answer) => {
        this.#ordering = false
        this.#id = memberIn(answer, 'id')
        if (this.#told) this.#clear()
        else if (this.#id === undefined || isOver(answer)) this.#deliver(answer)
        else this.#poll(firstPause, 0)
      },
      failed: (error) => {
        this.#ordering = false
        this.#fail(error)
      },
    })
  }

  #poll(pause: number, failures: number): void {
    this.#after(pause, () => {
      const next = Math.min(pause * growth, longestPause)
      this.#ask(this.#toTranscripts('GET'), {
        answered: (answer) => {
          const known = memberIn(answer, 'id') !== undefined
          if (known && !isOver(answer)) this.#poll(next, 0)
          else if (!known && mayPass(answer.status) && failures < patience)
            this.#poll(Math.max(retryAfterMs(answer.headers) ?? 0, next), failures + 1)
          else this.#deliver(answer)
        },
        failed: (error) => (failures < patience ? this.#poll(next, failures + 1) : this.#fail(error)),
      })
    })
  }

  /** Of the transcripts or, once it is known, of this one; with the key of the first call. */
  #toTranscripts(method: 'POST' | 'GET' | 'DELETE'): Outbound {
    const { 'content-type': _, ...headers } = this.#outbound.headers
    const path = this.#id === undefined ? this.#path : `${this.#path}/${pathStep(this.#id)}`
    return {
      method,
      origin: this.#outbound.origin,
      path,
      headers: { ...headers, accept: 'application/json' },
      body: null,
    }
  }

  #ask(outbound: Outbound, hear: Hearing): void {
    this.#call = call(this.#network, outbound, hear)
  }

  #after(delay: number, fire: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(delay, fire)
  }

  // --- ways to end

  /** What ends it, as it came. */
  #deliver({ status, headers, body }: Answered): void {
    this.#told = true
    this.#clear()
    const { 'content-length': _, ...rest } = headers
    this.#handler.onHead(status, rest)
    this.#handler.onData(body)
    this.#handler.onEnd()
  }

  #fail(error: TransportError | undefined): void {
    if (this.#told) return this.#clear()
    this.#told = true
    this.#clear()
    this.#handler.onError(error ?? new TransportError('malformed', 'the answer is longer than any transcript'))
  }

  /** Has the service delete the transcript and the file that it was made of. */
  #clear(): void {
    this.#call?.abort()
    if (this.#id === undefined) return this.#end()
    this.#after(afterwards, () => this.#end())
    this.#ask(this.#toTranscripts('DELETE'), { answered: () => this.#end(), failed: () => this.#end() })
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    this.#call?.abort()
    this.#whenOver()
  }
}

/** Statuses of a question that may be answered when it is asked again. */
const mayPass = (status: number): boolean => status === 429 || status === 408 || status >= 500

function isOver(answer: Answered): boolean {
  const status = memberIn(answer, 'status')
  return status !== 'queued' && status !== 'processing'
}

/** A member of a good answer, as far as it is a text. */
function memberIn({ status, body }: Answered, name: string): string | undefined {
  if (status < 200 || status >= 300) return undefined
  const value = objectIn(body.toString('utf8'))?.[name]
  return typeof value === 'string' ? value : undefined
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const json: unknown = parseJson(text)
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
