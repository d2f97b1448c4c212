/** Plays a reply in time, to a handler inside the process or to a socket: with pause, resume and abort, on whatever clock there is. */
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { SimChunk, SimEnding, SimReply } from './reply.ts'

export interface Audience {
  head(status: number, headers: Readonly<Record<string, string>>): void
  data(bytes: Uint8Array): void
  end(): void
  /** The connection is to break here. */
  cut(): void
}

/** Chunks given in one turn of the event loop, so that a long answer lets others through. */
const burst = 64

export class Player {
  readonly #reply: SimReply
  readonly #clock: Clock
  readonly #audience: Audience
  #chunks: Iterator<SimChunk> | undefined
  /** Taken from the iterator, waiting for its time or for `resume`. */
  #next: SimChunk | undefined
  /** Monotonic time of the chunk at hand: errors of timers do not add up. */
  #due = 0
  #timer: Timer | undefined
  #turn: NodeJS.Immediate | undefined
  #paused = false
  #over = false

  constructor(reply: SimReply, clock: Clock, audience: Audience) {
    this.#reply = reply
    this.#clock = clock
    this.#audience = audience
  }

  start(): void {
    if (this.#over) return
    const { latencyMs } = this.#reply
    if (latencyMs > 0) this.#timer = this.#clock.after(latencyMs, () => this.#begin())
    else this.#begin()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#chunks !== undefined) this.#soon()
  }

  abort(): void {
    this.#over = true
    this.#timer?.cancel()
    clearImmediate(this.#turn)
    this.#chunks?.return?.()
  }

  #begin(): void {
    this.#timer = undefined
    if (this.#over) return
    if (this.#reply.kind === 'reset') return this.#finish('cut')
    this.#chunks = this.#reply.chunks[Symbol.iterator]()
    this.#due = this.#clock.monotonic()
    this.#audience.head(this.#reply.status, this.#reply.headers)
    this.#run()
  }

  /** In a turn of its own, never from inside a handler. */
  #soon(): void {
    if (this.#turn !== undefined || this.#timer !== undefined) return
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      this.#run()
    })
  }

  #run(): void {
    for (let given = 0; given < burst; given++) {
      if (this.#over || this.#paused || this.#chunks === undefined) return
      const chunk = this.#next ?? this.#take()
      if (chunk === undefined) return this.#finish(this.#reply.kind === 'reset' ? 'cut' : this.#reply.ending())
      const wait = this.#due - this.#clock.monotonic()
      if (wait > 0) {
        this.#next = chunk
        this.#timer = this.#clock.after(wait, () => {
          this.#timer = undefined
          this.#run()
        })
        return
      }
      this.#next = undefined
      if (chunk.bytes.length > 0) this.#audience.data(chunk.bytes)
    }
    this.#soon()
  }

  #take(): SimChunk | undefined {
    const step = this.#chunks?.next()
    if (step === undefined || step.done === true) return undefined
    this.#due += step.value.afterMs
    return step.value
  }

  #finish(ending: SimEnding): void {
    if (ending === 'hang') return
    this.#over = true
    if (ending === 'end') this.#audience.end()
    else this.#audience.cut()
  }
}
