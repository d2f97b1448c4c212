/**
 * The connections to one origin: no more than a bound, the one used last first, so that the others may end. Calls that find none free
 * wait in turn. An answered connection is free only a turn of the event loop later, when anything that a server had still to say on it
 * has been heard: it would be taken for the next answer.
 */
import type { PendingCall } from './call.ts'
import type { Connector } from './connect.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection.ts'

export interface OriginOptions {
  readonly connections: number
  /** Milliseconds that an idle connection is kept where the server says nothing of it. */
  readonly keepAlive: number
  /** Bytes of an answer's head. */
  readonly maxHead: number
}

/** So many calls that have been sent are kept in the list of those that wait before it is made anew. */
const longestTail = 1000

export class Origin implements ConnectionOwner {
  /** As the `host` header has it. */
  readonly host: string
  readonly keepAlive: number
  readonly maxHead: number
  readonly #url: URL
  readonly #connector: Connector
  readonly #most: number
  readonly #all = new Set<Connection>()
  /** The one that was used last comes last. */
  readonly #idle: Connection[] = []
  #connecting = 0
  #waiting: PendingCall[] = []
  #firstWaiting = 0
  /** Answered in this turn of the event loop. */
  #freed: Connection[] = []
  readonly #endOfTurn = (): void => {
    const freed = this.#freed
    this.#freed = []
    for (const connection of freed) this.#free(connection)
  }

  /** Throws a TypeError when the origin is not http(s). */
  constructor(origin: string, connector: Connector, { connections, keepAlive, maxHead }: OriginOptions) {
    const url = new URL(origin)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('an origin is http or https')
    this.#url = url
    this.host = url.host
    this.#connector = connector
    this.#most = connections
    this.keepAlive = keepAlive
    this.maxHead = maxHead
  }

  dispatch(call: PendingCall): void {
    const connection = this.#takeIdle()
    if (connection !== undefined) connection.send(call)
    else {
      this.#waiting.push(call)
      this.#connectIfNeeded()
    }
  }

  /** Ends what has been idle for too long, and lets what is idle not keep the process alive. False when nothing is idle. */
  sweep(now: number): boolean {
    for (const connection of this.#idle.slice()) {
      if (connection.idleUntil <= now) connection.drop()
      else connection.unref()
    }
    return this.#idle.length > 0
  }

  /** Ends all connections and fails all calls. */
  destroy(error: Error): void {
    const waiting = this.#waiting.slice(this.#firstWaiting)
    this.#waiting = []
    this.#firstWaiting = 0
    for (const connection of this.#all) connection.destroy(error)
    for (const call of waiting) call.fail(error)
  }

  opened(connection: Connection): void {
    this.#connecting -= 1
    this.#free(connection)
  }

  freed(connection: Connection): void {
    if (this.#freed.length === 0) setImmediate(this.#endOfTurn)
    this.#freed.push(connection)
  }

  closed(connection: Connection, error: Error | undefined, again: PendingCall | undefined): void {
    this.#all.delete(connection)
    const place = this.#idle.indexOf(connection)
    if (place !== -1) this.#idle.splice(place, 1)
    if (!connection.wasOpen) {
      this.#connecting -= 1
      // One of those that wait hears of it; the others have attempts of their own under way.
      this.#nextWaiting()?.fail(error ?? new Error('the connection was given up'))
    }
    if (again !== undefined) {
      again.repeated = true
      this.#waiting.push(again)
    }
    this.#connectIfNeeded()
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isUsable && connection.idleUntil > performance.now()) return connection
      connection.drop()
    }
    return undefined
  }

  #free(connection: Connection): void {
    while (connection.isUsable) {
      const call = this.#nextWaiting()
      if (call === undefined) {
        this.#idle.push(connection)
        return
      }
      connection.send(call)
    }
  }

  #nextWaiting(): PendingCall | undefined {
    while (this.#firstWaiting < this.#waiting.length) {
      const call = this.#waiting[this.#firstWaiting] as PendingCall
      this.#firstWaiting += 1
      if (this.#firstWaiting > longestTail) this.#forgetSent()
      if (call.isOpen) return call
    }
    this.#waiting = []
    this.#firstWaiting = 0
    return undefined
  }

  #forgetSent(): void {
    this.#waiting = this.#waiting.slice(this.#firstWaiting)
    this.#firstWaiting = 0
  }

  /** Connections that are being made or free in a moment will do for as many calls. */
  #connectIfNeeded(): void {
    const waiting = (): number => this.#waiting.length - this.#firstWaiting
    while (this.#connecting + this.#freed.length < waiting() && this.#all.size < this.#most) {
      const connection = new Connection(this)
      try {
        connection.attach(this.#connector.connect(this.#url, connection))
      } catch (error) {
        this.#nextWaiting()?.fail(error as Error)
        continue
      }
      this.#connecting += 1
      this.#all.add(connection)
    }
  }
}
