/**
 * Responses that run on without their client: so many at a time, others wait. What becomes of one is written down at every step, so
 * that it can be asked for, followed and cancelled by its id, and so that a crash leaves none that seems to be running for ever.
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply, StreamSink, StreamSource } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import type { ResponseEventStore, StoredEvent, StoredResponse } from '../../stores/response-store.ts'
import { BackgroundRun } from './background-run.ts'
import type { RunContext } from './background-run.ts'
import { parseObject } from './response-json.ts'
import { failedWith, skeletonOf } from './skeleton.ts'
import type { PromisedResponse, Turn } from './turn.ts'

export interface BackgroundContext extends RunContext {
  readonly maxRunning: number
  readonly maxQueued: number
}

interface Waiting {
  readonly run: BackgroundRun
  readonly begin: () => void
  readonly giveUp: (fault: Fault) => void
}

const gone = (): Fault => new Fault('client_gone', 'The response was cancelled before it had begun.')
const stopped = (): Fault =>
  new Fault('internal_error', 'The gateway was stopped while this response was running. Send the request again.')

export class BackgroundRuns implements AsyncDisposable {
  readonly #context: BackgroundContext
  readonly #runs = new Map<string, BackgroundRun>()
  readonly #queue: Waiting[] = []
  #running = 0
  #whenIdle: (() => void)[] = []

  constructor(context: BackgroundContext) {
    this.#context = context
  }

  /** Those that run or wait. */
  get size(): number {
    return this.#runs.size
  }

  /** Takes the exchange over from its client, and gives what the client is answered. Throws a Fault when there is no room. */
  accept(exchange: Exchange, turn: Turn, promised: PromisedResponse): { run: BackgroundRun; reply: Reply } {
    const { maxRunning, maxQueued } = this.#context
    if (exchange.gone) throw new Fault('client_gone', 'The client left before its response was accepted.')
    if (this.#running >= maxRunning && this.#queue.length >= maxQueued)
      throw new Fault(
        'overloaded',
        `The gateway has as many background responses running and waiting as it takes (responses.background).`,
        { retryAfterMs: 1000 },
      )
    const run = new BackgroundRun(this.#context, exchange, turn, promised)
    run.accept()
    exchange.detached = true
    this.#runs.set(keyOf(run), run)
    void run.settled.then(() => this.#over(run))
    const reply: Reply = promised.streams
      ? {
          kind: 'stream',
          status: 200,
          contentType: 'text/event-stream; charset=utf-8',
          source: this.follow(run.owner, promised.id, -1),
        }
      : {
          kind: 'bytes',
          status: 200,
          contentType: 'application/json',
          bytes: JSON.stringify(skeletonOf(turn, promised, 'queued')),
        }
    return { run, reply }
  }

  /** Resolves when the run may begin; throws a Fault when it was cancelled before. */
  async turnOf(run: BackgroundRun): Promise<void> {
    if (this.#running >= this.#context.maxRunning) {
      await new Promise<void>((resolve, giveUp) => {
        const begin = (): void => {
          run.started = true
          resolve()
        }
        this.#queue.push({ run, begin, giveUp })
      })
    } else {
      this.#running += 1
      run.started = true
    }
    if (run.over) throw gone()
    run.begin()
  }

  #over(run: BackgroundRun): void {
    this.#runs.delete(keyOf(run))
    if (run.started) {
      const next = this.#queue.shift()
      if (next === undefined) this.#running -= 1
      else next.begin()
    }
    if (this.#runs.size > 0) return
    for (const resolve of this.#whenIdle) resolve()
    this.#whenIdle = []
  }

  /** Ends a run; false when none of this id is under way. */
  cancel(owner: string, id: string): boolean {
    const run = this.#runs.get(`${owner}\n${id}`)
    if (run === undefined) return false
    run.cancel()
    this.#leaveQueue(run, gone())
    return true
  }

  #leaveQueue(run: BackgroundRun, fault: Fault): void {
    const place = this.#queue.findIndex((waiting) => waiting.run === run)
    if (place !== -1) this.#queue.splice(place, 1)[0]?.giveUp(fault)
  }

  /** The events after this one, as far as there are any, and those to come. */
  follow(owner: string, id: string, after: number): StreamSource {
    return new Follower(this.#context.events, owner, id, after, this.#runs.get(`${owner}\n${id}`))
  }

  /** Resolves when nothing runs any more, or the time is over. */
  drain(timeoutMs: number): Promise<void> {
    if (this.#runs.size === 0 || timeoutMs <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#context.clock.after(timeoutMs, resolve)
      this.#whenIdle.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** Marks what the last run of the gateway left behind as failed; gives how many there were. */
  recover(): number {
    const left = this.#context.responses.unfinished()
    for (const stored of left) this.#fail(stored)
    return left.length
  }

  #fail(stored: StoredResponse): void {
    const { responses, events } = this.#context
    const response = failedWith(parseObject(stored.response) ?? {}, stopped())
    responses.put({ ...stored, status: 'failed', response: JSON.stringify(response) })
    const last = lastEvent(events, stored)
    if (last === undefined) return
    const sequence = last.sequence + 1
    const data = JSON.stringify({ type: 'response.failed', sequence_number: sequence, response })
    events.append(stored.owner, stored.id, [{ sequence, data }])
  }

  /** Ends every run, as failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const runs = [...this.#runs.values()]
    for (const run of runs) {
      run.stop(stopped())
      this.#leaveQueue(run, stopped())
    }
    await Promise.all(runs.map((run) => run.settled))
  }
}

const keyOf = ({ owner, id }: { readonly owner: string; readonly id: string }): string => `${owner}\n${id}`

const page = 500

function lastEvent(events: ResponseEventStore, { owner, id }: StoredResponse): StoredEvent | undefined {
  let last: StoredEvent | undefined
  for (;;) {
    const found = events.after(owner, id, last?.sequence ?? -1, page)
    last = found.at(-1) ?? last
    if (found.length < page) return last
  }
}

const batch = 64

/** Reads an event stream from the store, and waits for more while its run goes on. */
class Follower implements StreamSource {
  readonly #events: ResponseEventStore
  readonly #owner: string
  readonly #id: string
  readonly #run: BackgroundRun | undefined
  #after: number
  #sink: StreamSink | undefined
  #paused = false

  constructor(events: ResponseEventStore, owner: string, id: string, after: number, run: BackgroundRun | undefined) {
    this.#events = events
    this.#owner = owner
    this.#id = id
    this.#after = after
    this.#run = run
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    this.#run?.listen(() => this.#pump())
    this.#pump()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#pump()
  }

  /** Whoever follows must not disturb the run, whatever the database says. */
  #pump(): void {
    try {
      this.#read()
    } catch {
      this.#end()
    }
  }

  #read(): void {
    while (!this.#paused && this.#sink !== undefined) {
      const live = this.#run !== undefined && !this.#run.over
      const found = this.#events.after(this.#owner, this.#id, this.#after, batch)
      for (const { sequence, data } of found) {
        this.#after = sequence
        if (!this.#sink.write(eventText(data))) {
          this.#paused = true
          break
        }
      }
      if (this.#paused || (found.length < batch && live)) return
      if (found.length < batch) this.#end()
    }
  }

  #end(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
  }
}

function eventText(data: string): string {
  const type = parseObject(data)?.['type']
  return formatSseEvent({ ...(typeof type === 'string' && { event: type }), data })
}
