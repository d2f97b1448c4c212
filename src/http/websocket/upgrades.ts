/** The WebSocket connections of a server: which requests become one, and how all of them end. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { ResponsesConnection } from './responses-connection.ts'
import type { ConnectionContext } from './responses-connection.ts'

export interface WebSocketSettings {
  /** Milliseconds. */
  readonly maxAge: number
  readonly pingInterval: number
}

export interface Upgrades {
  /** Whether this request asks for a connection that there is. Other protocols to upgrade to are passed over, as HTTP allows. */
  wants(request: IncomingMessage): boolean
  /** Opens the connection. Whoever calls has made sure that the client may. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Lets what runs finish and closes connections then; takes nothing new. */
  drain(): void
  /** Says goodbye on all connections that are left. */
  close(): void
}

export function createUpgrades(context: ConnectionContext): Upgrades {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: context.bodyLimit,
    perMessageDeflate: false,
  })
  const connections = new Map<WebSocket, ResponsesConnection>()
  const { path } = context.served

  return {
    wants: ({ method, headers, url = '' }) =>
      method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && url.split('?', 1)[0] === path,
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (opened) => {
        connections.set(opened, new ResponsesConnection(context, opened, request))
        opened.on('close', () => connections.delete(opened))
      })
    },
    drain() {
      for (const connection of connections.values()) connection.drain()
    },
    close() {
      for (const connection of connections.values()) connection.terminate()
    },
  }
}
