/** The order of work on one connection: one thing after the other in every lane, several lanes at a time, so many waiting. */
import { Fault } from '../../model/fault.ts'

/** Lanes with a name that a connection may use, and things under way at the same time, as OpenAI has them. */
const mostLanes = 32
const mostRunning = 16

export interface LaneLimits {
  /** Bytes of what waits. */
  readonly maxWaitingBytes: number
}

interface Work {
  readonly size: number
  readonly run: () => Promise<void>
}

export class Lanes {
  readonly #lanes = new Map<string, Work[]>()
  readonly #busy = new Set<string>()
  readonly #limits: LaneLimits
  #waitingBytes = 0
  #whenIdle: (() => void) | undefined

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  get idle(): boolean {
    return this.#busy.size === 0
  }

  /** Throws a Fault when there is no room for more. */
  add(lane: string, work: Work): void {
    const known = this.#lanes.get(lane)
    if (known === undefined && this.#lanes.size >= mostLanes)
      throw tooMany(`This connection has used ${mostLanes} stream ids, as many as it may.`)
    if (this.#waitingBytes + work.size > this.#limits.maxWaitingBytes && this.#waitingBytes > 0)
      throw tooMany('Too much waits on this connection: wait for a response to finish.')
    if (known === undefined) this.#lanes.set(lane, [work])
    else known.push(work)
    this.#waitingBytes += work.size
    this.#next()
  }

  /** Drops what has not begun. */
  clear(): void {
    for (const waiting of this.#lanes.values()) waiting.length = 0
    this.#waitingBytes = 0
  }

  /** Calls back as soon as nothing is under way. */
  whenIdle(callback: () => void): void {
    if (this.idle) callback()
    else this.#whenIdle = callback
  }

  #next(): void {
    for (const [lane, waiting] of this.#lanes) {
      if (this.#busy.size >= mostRunning) return
      if (this.#busy.has(lane)) continue
      const work = waiting.shift()
      if (work === undefined) continue
      this.#waitingBytes -= work.size
      this.#busy.add(lane)
      void work.run().finally(() => {
        this.#busy.delete(lane)
        this.#next()
        if (this.idle) this.#whenIdle?.()
      })
    }
  }
}

const tooMany = (message: string): Fault => new Fault('websocket_stream_limit_reached', message)
