/**
 * The connections to one origin: no more than a bound, the one used last first, so that the others may end. Calls that find none free
 * wait in turn. An answered connection is free only a turn of the event loop later, when anything that a server had still to say on it
 * has been heard: it would be taken for the next answer.
 */
import type { PendingCall } from './call.ts'
import type { Connector } from './connect.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection.ts'
import { RequestHeads } from './request-head.ts'
import { WaitingCalls } from './waiting-calls.ts'

export interface OriginOptions {
  readonly connections: number
  /** Milliseconds that an idle connection is kept where the server says nothing of it. */
  readonly keepAlive: number
  /** Milliseconds after which a connection takes no more requests: names are resolved anew for the next. */
  readonly maxAge: number
  /** Bytes of an answer's head. */
  readonly maxHead: number
}

export class Origin implements ConnectionOwner {
  readonly heads: RequestHeads
  readonly keepAlive: number
  readonly maxAge: number
  readonly maxHead: number
  readonly #url: URL
  readonly #connector: Pick<Connector, 'connect'>
  readonly #most: number
  readonly #all = new Set<Connection>()
  /** The one that was used last comes last. */
  readonly #idle: Connection[] = []
  #connecting = 0
  readonly #waiting = new WaitingCalls()
  /** Answered in this turn of the event loop. */
  #freed: Connection[] = []
  readonly #endOfTurn = (): void => {
    const freed = this.#freed
    this.#freed = []
    for (const connection of freed) this.#free(connection)
    // Some of them may have been closed since, although calls waited for them.
    this.#connectIfNeeded()
  }

  /** Throws a TypeError when the origin is not http(s). */
  constructor(
    origin: string,
    connector: Pick<Connector, 'connect'>,
    { connections, keepAlive, maxAge, maxHead }: OriginOptions,
  ) {
    const url = new URL(origin)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('an origin is http or https')
    this.#url = url
    this.heads = new RequestHeads(url.host)
    this.#connector = connector
    this.#most = connections
    this.keepAlive = keepAlive
    this.maxAge = maxAge
    this.maxHead = maxHead
  }

  dispatch(call: PendingCall): void {
    const connection = this.#takeIdle()
    if (connection !== undefined) connection.send(call)
    else {
      this.#waiting.add(call)
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
    const waiting: PendingCall[] = []
    for (let call = this.#waiting.next(); call !== undefined; call = this.#waiting.next()) waiting.push(call)
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
      this.#waiting.next()?.fail(error ?? new Error('the connection was given up'))
    }
    if (again !== undefined) {
      again.repeated = true
      this.#waiting.addFirst(again)
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
      const call = this.#waiting.next()
      if (call === undefined) {
        this.#idle.push(connection)
        return
      }
      connection.send(call)
    }
  }

  /** Connections that are being made or free in a moment will do for as many calls. */
  #connectIfNeeded(): void {
    while (this.#connecting + this.#freed.length < this.#waiting.size && this.#all.size < this.#most) {
      const connection = new Connection(this)
      try {
        connection.attach(this.#connector.connect(this.#url, connection))
      } catch (error) {
        this.#waiting.next()?.fail(error as Error)
        continue
      }
      this.#connecting += 1
      this.#all.add(connection)
    }
  }
}
