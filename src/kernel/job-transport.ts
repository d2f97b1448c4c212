/**
 * A transport for services that take several calls for one answer: a job is ordered, asked about until it is done, and what it made is
 * fetched. What is asked when is a script of the service's own. To the caller they are one call, so its deadlines bound all of them; when
 * it leaves, the service is told to stop.
 */
import { isJsonObject } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import { parseJson } from '../bytes/parse-json.ts'
import type { Clock, Timer } from './clock.ts'
import { retryAfterMs } from './codec/retry-after.ts'
import { call } from './gathered-call.ts'
import type { Answered } from './gathered-call.ts'
import type { Outbound, Transport, TransportCall, TransportHandler } from './transport.ts'
import { TransportError } from './transport.ts'

/** Milliseconds between two questions: the first, and the longest. */
const firstPause = 250
const longestPause = 5000
const growth = 1.4
/** Questions in a row that may go wrong before the answer is given up. */
const patience = 4
/** Milliseconds that ordering and stopping a job may still take after its caller has left. */
const afterwards = 30_000

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Where it is not that of the first call. The key goes along: only for addresses that are known to be the service's. */
  readonly origin?: string
  readonly json?: JsonObject
  readonly headers?: Readonly<Record<string, string>>
  /** In place of `json`. */
  readonly body?: Outbound['body']
  /** The service may have begun something that has to be stopped, so its answer is waited for even when the caller has left. */
  readonly orders?: true
}

/** Calls a service until there is an answer, which is what the caller hears. Rejects with what `Job` rejects with. */
export type JobScript = (job: Job, outbound: Outbound) => Promise<Answered>

export interface JobService {
  readonly title: string
  /** Whether a call is to become a job; all others go out as they are. */
  isOrder(outbound: Outbound): boolean
  readonly script: JobScript
}

export function jobTransport(
  { network, clock }: { readonly network: Transport; readonly clock: Clock },
  service: JobService,
): Transport {
  const open = new Set<Job>()
  return {
    plain: network,
    dispatch(outbound, handler) {
      if (!service.isOrder(outbound)) return network.dispatch(outbound, handler)
      const job = new Job({ network, clock }, service.title, outbound, handler)
      open.add(job)
      void job.run(service.script).finally(() => open.delete(job))
      return job
    },
    async [Symbol.asyncDispose]() {
      for (const job of open) job.close()
    },
  }
}

/** Thrown into a script whose caller has left; nobody else sees it. */
class Left extends Error {}

export class Job implements TransportCall {
  readonly #network: Transport
  readonly #clock: Clock
  readonly #title: string
  readonly #first: Outbound
  readonly #handler: TransportHandler
  /** Ends whatever the script waits for. */
  #interrupt: ((error: Error) => void) | undefined
  #ordering = false
  /** What stops the job, as long as it has to be stopped. */
  #stop: readonly Question[] = []
  /** It was ordered, and the service did not refuse. */
  #accepted = false
  /** The handler hears nothing more. */
  #told = false
  #closed = false
  #timer: Timer | undefined

  constructor(
    ports: { readonly network: Transport; readonly clock: Clock },
    title: string,
    first: Outbound,
    handler: TransportHandler,
  ) {
    this.#network = ports.network
    this.#clock = ports.clock
    this.#title = title
    this.#first = first
    this.#handler = handler
  }

  /** Resolves when nothing of it is under way any more. */
  async run(script: JobScript): Promise<void> {
    let answer: Answered | undefined
    let failure: unknown
    try {
      answer = await script(this, this.#first)
    } catch (error) {
      failure = error
    }
    if (answer !== undefined) this.#stop = []
    const told = this.#told
    this.#told = true
    // Stopping comes first: whoever hears of the failure may close everything.
    const stopped = this.#stopAll()
    if (!told && answer !== undefined) this.#deliver(answer)
    else if (!told) this.#handler.onError(asTransportError(failure, this.#title))
    await stopped
    this.#timer?.cancel()
  }

  /** There is nothing to hold back: the answer comes in one piece, at the end. */
  pause(): void {}
  resume(): void {}

  get isMade(): boolean {
    return this.#accepted && this.#stop.length === 0
  }

  abort(): void {
    if (this.#told) return
    this.#told = true
    if (this.#ordering) this.#timer = this.#clock.after(afterwards, () => this.#interrupt?.(new Left()))
    else this.#interrupt?.(new Left())
  }

  /** Breaks off whatever is under way. */
  close(): void {
    this.#closed = true
    const told = this.#told
    this.#told = true
    this.#interrupt?.(new Left())
    if (!told) this.#handler.onError(new TransportError('reset', `the connection to ${this.#title} is closed`))
  }

  /** From now on the job has to be stopped by these calls unless it comes to its end. */
  stopsBy(...questions: readonly Question[]): void {
    this.#stop = questions
  }

  /** The first call as it is: what the service then makes may have to be stopped. */
  order(): Promise<Answered> {
    return this.#making(this.#first, true)
  }

  /** One call, with the headers of the first. Rejects with a TransportError. */
  ask(question: Question): Promise<Answered> {
    return this.#making(this.#outboundOf(question), question.orders === true)
  }

  /** The same call again and again, at growing intervals, until what it tells is the end of the job, or no answer of this service. */
  async until(question: Question, isOver: (json: JsonObject) => boolean): Promise<Answered> {
    let [pause, failures] = [firstPause, 0]
    for (;;) {
      await this.#wait(pause)
      pause = Math.min(pause * growth, longestPause)
      let answer: Answered
      try {
        answer = await this.ask(question)
      } catch (error) {
        failures += 1
        if (error instanceof Left || failures > patience) throw error
        continue
      }
      if (mayPass(answer.status) && failures < patience) {
        failures += 1
        pause = Math.max(retryAfterMs(answer.headers) ?? 0, pause)
        continue
      }
      failures = 0
      const json = jsonOf(answer)
      if (json === undefined || isOver(json)) return answer
    }
  }

  async #making(outbound: Outbound, orders: boolean): Promise<Answered> {
    if (this.#told) throw new Left()
    this.#ordering = orders
    try {
      const answer = await this.#call(outbound)
      if (orders && answer.status >= 200 && answer.status < 300) this.#accepted = true
      return answer
    } finally {
      this.#ordering = false
    }
  }

  #wait(delay: number): Promise<void> {
    if (this.#told) return Promise.reject(new Left())
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(delay, resolve)
      this.#interrupt = (error) => {
        timer.cancel()
        reject(error)
      }
    })
  }

  #call(outbound: Outbound): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const made = call(this.#network, outbound, {
        answered: resolve,
        failed: (error) => reject(error ?? new TransportError('malformed', `${this.#title} sent too long an answer`)),
      })
      this.#interrupt = (error) => {
        made.abort()
        reject(error)
      }
    })
  }

  #outboundOf({ method, path, origin, json, headers: own, body }: Question): Outbound {
    const { 'content-type': _, ...headers } = this.#first.headers
    const sends = json !== undefined
    return {
      method,
      origin: origin ?? this.#first.origin,
      path,
      headers: { ...headers, ...(sends && { 'content-type': 'application/json' }), ...own },
      body: sends ? Buffer.from(JSON.stringify(json)) : (body ?? null),
    }
  }

  /** Nobody waits for what is being made any more. */
  async #stopAll(): Promise<void> {
    this.#timer?.cancel()
    for (const question of this.#stop) {
      if (this.#closed) return
      this.#timer = this.#clock.after(afterwards, () => this.#interrupt?.(new Left()))
      try {
        await this.#call(this.#outboundOf(question))
      } catch {
        // It runs on, then, and comes to its own end.
      } finally {
        this.#timer.cancel()
      }
    }
  }

  #deliver({ status, headers, body }: Answered): void {
    const { 'content-length': _, 'transfer-encoding': _coding, ...rest } = headers
    this.#handler.onHead(status, rest)
    this.#handler.onData(body)
    this.#handler.onEnd()
  }
}

/** The object that an answer is, if it is one and no refusal. */
export function jsonOf({ status, body }: Answered): JsonObject | undefined {
  if (status < 200 || status >= 300) return undefined
  try {
    const json: unknown = parseJson(body.toString('utf8'))
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** An answer made of several. */
export const answeredWith = (json: JsonObject): Answered => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(json)),
})

/** Statuses of a question that may be answered when it is asked again. */
const mayPass = (status: number): boolean => status === 429 || status === 408 || status >= 500

const asTransportError = (error: unknown, title: string): TransportError =>
  error instanceof TransportError
    ? error
    : new TransportError('malformed', `what ${title} answered makes no sense`, error)
