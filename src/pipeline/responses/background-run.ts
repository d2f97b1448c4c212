/** One response that runs without its client: takes the answer in and writes down how far it has come. */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ResponseEventStore, ResponseStatus, ResponseStore, StoredEvent } from '../../stores/response-store.ts'
import { toldToClient } from '../attempt/failure.ts'
import type { Memory } from './memory.ts'
import { ownerOf } from './memory.ts'
import { isTerminal, parseObject } from './response-json.ts'
import { failedWith, skeletonOf } from './skeleton.ts'
import type { PromisedResponse, Turn } from './turn.ts'

export interface RunContext {
  readonly clock: Clock
  readonly memory: Memory
  readonly responses: ResponseStore
  readonly events: ResponseEventStore
  /** Milliseconds from its beginning. */
  readonly timeout: number
  readonly maxEventBytes: number
  readonly onFailure: (error: unknown, responseId: string) => void
}

/** Told when the run is accepted already. */
const toldBefore: ReadonlySet<unknown> = new Set(['response.created', 'response.queued'])

export class BackgroundRun {
  readonly owner: string
  readonly id: string
  /** It has a place among those that run. */
  started = false
  /** Resolves when nothing of it is under way any more, and it is on record. */
  readonly settled: Promise<void>
  readonly #context: RunContext
  readonly #exchange: Exchange
  readonly #turn: Turn
  readonly #promised: PromisedResponse
  readonly #reader: SseReader
  readonly #listeners = new Set<() => void>()
  #sequence = 0
  #eventBytes = 0
  #keepsEvents: boolean
  #over = false
  #settle: () => void = () => {}

  constructor(context: RunContext, exchange: Exchange, turn: Turn, promised: PromisedResponse) {
    this.#context = context
    this.#exchange = exchange
    this.#turn = turn
    this.#promised = promised
    this.#keepsEvents = promised.streams
    this.#reader = new SseReader({ maxLineBytes: exchange.plan.responseLimit })
    this.owner = ownerOf(exchange)
    this.id = promised.id
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Its last state is written down; the work for it may still be ending. */
  get over(): boolean {
    return this.#over
  }

  /** Writes down that it waits; throws a Fault when that cannot be done. */
  accept(): void {
    const response = skeletonOf(this.#turn, this.#promised, 'queued')
    try {
      this.#put('queued', response)
      this.#append([
        this.#event({ type: 'response.created', response }),
        this.#event({ type: 'response.queued', response }),
      ])
    } catch (error) {
      this.#context.onFailure(error, this.id)
      this.#attempt(() => this.#context.responses.delete(this.owner, this.id, this.#context.clock.now()))
      throw new Fault(
        'overloaded',
        'The gateway cannot keep responses at the moment, so none can run in the background.',
        {
          cause: error,
          retryAfterMs: 1000,
        },
      )
    }
  }

  /** Writes down that it has begun. */
  begin(): void {
    const { clock, timeout } = this.#context
    this.#exchange.totalTimeout = clock.monotonic() - this.#exchange.startedAt + timeout
    this.#attempt(() => this.#put('in_progress', skeletonOf(this.#turn, this.#promised, 'in_progress')))
  }

  /** Hears of every new event, and of the end. */
  listen(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** The answer has begun. */
  take(reply: Reply): void {
    if (reply.kind === 'bytes') {
      this.failed(reply.fault ?? new Fault('provider_malformed', 'The provider sent no stream.'))
      return
    }
    reply.source.start({
      write: (chunk) => {
        this.#read(() => this.#reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
        return true
      },
      end: ({ fault }) => {
        this.#read(() => this.#reader.end())
        this.failed(fault ?? new Fault('provider_cut', 'The answer broke off before its end.'))
      },
    })
  }

  /** The work has ended, without an answer unless there has been one. */
  failed(fault: Fault): void {
    const told = toldToClient(fault, fault.upstream?.provider ?? 'the provider')
    this.#endWith(failedWith(skeletonOf(this.#turn, this.#promised, 'failed'), told), 'failed')
    this.#settle()
  }

  /** Ends it with this fault, whatever it is doing. */
  stop(fault: Fault): void {
    this.#endWith(failedWith(skeletonOf(this.#turn, this.#promised, 'failed'), fault), 'failed')
    this.#exchange.cancel()
  }

  /** Ends it at the client's wish. */
  cancel(): void {
    this.#endWith(skeletonOf(this.#turn, this.#promised, 'cancelled'), 'cancelled')
    this.#exchange.cancel()
  }

  /** What cannot be read ends the run, and must not reach whoever sends it. */
  #read(take: () => SseEvent[]): void {
    if (this.#over) return
    try {
      this.#push(take())
    } catch (error) {
      this.#context.onFailure(error, this.id)
      this.stop(new Fault('provider_malformed', 'The answer could not be read.', { cause: error }))
    }
  }

  #endWith(response: JsonObject, status: 'failed' | 'cancelled'): void {
    if (this.#over) return
    this.#attempt(() => {
      this.#put(status, response)
      // The protocol has no event for what was cancelled: its stream just ends.
      if (status === 'failed') this.#append([this.#event({ type: 'response.failed', response })])
    })
    this.#end()
  }

  #push(events: readonly SseEvent[]): void {
    const told: StoredEvent[] = []
    for (const { data } of events) {
      const event = parseObject(data)
      if (event === undefined || toldBefore.has(event['type'])) continue
      const { response } = event
      if (!isJsonObject(response)) {
        if (event['type'] !== 'error') told.push(this.#event(event))
        continue
      }
      const whole = { ...response, ...this.#context.memory.editsOf(this.#exchange, this.#turn) }
      told.push(this.#event({ ...event, response: whole }))
      if (!isTerminal(event['type'])) continue
      this.#context.memory.keep(this.#exchange, this.#turn, whole, response)
      this.#attempt(() => this.#append(told))
      this.#end()
      return
    }
    this.#attempt(() => this.#append(told))
    this.#notify()
  }

  #put(status: ResponseStatus, response: JsonObject): void {
    this.#context.responses.put(
      this.#context.memory.stored(this.#exchange, this.#turn, { ...response, id: this.id, status }),
    )
  }

  #event(event: JsonObject): StoredEvent {
    const sequence = this.#sequence
    this.#sequence += 1
    return { sequence, data: JSON.stringify({ ...event, sequence_number: sequence }) }
  }

  #append(events: readonly StoredEvent[]): void {
    if (!this.#keepsEvents || events.length === 0) return
    this.#eventBytes += events.reduce((sum, { data }) => sum + data.length, 0)
    if (this.#eventBytes <= this.#context.maxEventBytes) {
      this.#context.events.append(this.owner, this.id, events)
      return
    }
    this.#keepsEvents = false
    const message =
      'The event stream has grown longer than is kept (responses.background.max_event_bytes). Ask for the response itself.'
    const { sequence = 0 } = events[0] ?? {}
    const error = { type: 'error', code: 'stream_too_long', message, param: null, sequence_number: sequence }
    this.#context.events.append(this.owner, this.id, [{ sequence, data: JSON.stringify(error) }])
  }

  /** What cannot be written down must not stop the work. */
  #attempt(write: () => unknown): void {
    try {
      write()
    } catch (error) {
      this.#keepsEvents = false
      this.#context.onFailure(error, this.id)
    }
  }

  #end(): void {
    this.#over = true
    this.#notify()
    this.#listeners.clear()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
