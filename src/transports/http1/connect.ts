/** Opens connections to one origin: TCP, with TLS where the origin says so, within a time, to addresses that are permitted. */
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext, getCACertificates } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { TransportError } from '../../kernel/transport.ts'
import { permittedLookup, refusedAddress } from '../permitted-lookup.ts'
import type { PermitAddress } from '../permitted-lookup.ts'

export interface ConnectOptions {
  /** Milliseconds for DNS, TCP and TLS together. */
  readonly timeout: number
  readonly rejectUnauthorized: boolean
  /** Authorities trusted besides the well-known ones. */
  readonly ca?: readonly string[]
  readonly permitAddress?: PermitAddress
}

export interface ConnectionEvents {
  onOpen(): void
  /** What was read; the memory is another's as soon as this returns. */
  onBytes(bytes: Buffer): void
  /** The other side has said its last byte. */
  onHangUp(): void
  /** At most once, and nothing follows it; also where no connection could be made. */
  onClose(error: Error | undefined): void
}

/** What is read is looked at before anything else is, so one piece of memory does for all connections. Windows reads ahead into it. */
const readBytes = 65_536
const shared = Buffer.allocUnsafeSlow(readBytes)
const readInto = process.platform === 'win32' ? (): Buffer => Buffer.allocUnsafeSlow(readBytes) : (): Buffer => shared

const probeAfterMs = 60_000
const mostSessions = 100

export class Connector {
  readonly #options: ConnectOptions
  /** By server name. A session spares the handshake its half. */
  readonly #sessions = new Map<string, Buffer>()
  #context: SecureContext | undefined

  constructor(options: ConnectOptions) {
    this.#options = options
  }

  /** The socket of a connection that is being made. Throws where the origin's own address is not permitted. */
  connect(url: URL, events: ConnectionEvents): Socket {
    const { timeout, permitAddress } = this.#options
    const isTls = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    // Sockets do not resolve what is an address already, so those are asked about here.
    if (family !== 0 && permitAddress?.(host, family) === false) throw refusedAddress(host)
    const buffer = readInto()
    const options = {
      host,
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      onread: {
        buffer,
        callback(length: number) {
          events.onBytes(length === buffer.length ? buffer : buffer.subarray(0, length))
          return true
        },
      },
      ...(permitAddress !== undefined && { lookup: permittedLookup(permitAddress) }),
    }
    const socket = isTls ? this.#tls(host, family === 0, options) : connectTcp(options)
    const timer = setTimeout(
      () => socket.destroy(new TransportError('connect-timeout', `no connection within ${timeout} ms`)),
      timeout,
    )
    let failure: Error | undefined
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.setNoDelay(true)
      socket.setKeepAlive(true, probeAfterMs)
      events.onOpen()
    })
    socket.on('error', (error: Error) => (failure = error))
    socket.on('end', () => events.onHangUp())
    socket.on('close', () => {
      clearTimeout(timer)
      events.onClose(failure)
    })
    return socket
  }

  #tls(host: string, isName: boolean, options: object): Socket {
    const { rejectUnauthorized, ca } = this.#options
    this.#context ??= createSecureContext(ca === undefined ? {} : { ca: [...getCACertificates('default'), ...ca] })
    const session = this.#sessions.get(host)
    const socket = connectTls({
      ...options,
      secureContext: this.#context,
      // Said outright, because Node would otherwise let an environment variable turn the check off without a word here.
      rejectUnauthorized,
      ALPNProtocols: ['http/1.1'],
      ...(isName && { servername: host }),
      ...(session !== undefined && { session }),
    })
    socket.on('session', (fresh: Buffer) => this.#remember(host, fresh))
    return socket
  }

  #remember(host: string, session: Buffer): void {
    this.#sessions.delete(host)
    this.#sessions.set(host, session)
    if (this.#sessions.size <= mostSessions) return
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest)
      return
    }
  }
}
