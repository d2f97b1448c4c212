/**
 * A route beside the data plane: what is asked of the gateway itself rather than of a model (lists, stored answers). Routes name their
 * paths as `/v1/responses/{id}`; a place in braces takes one segment, one that ends in `*` takes all that follows.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Key } from '../model/key.ts'
import { decodedPath } from './decoded-path.ts'

export interface RouteCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Who asks; undefined only where no key is asked for. */
  readonly key: Key | undefined
  /** What stands in the path's places, unescaped. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly requestId: string
  /** Headers that every answer has, as alternating names and values. */
  readonly headers: readonly string[]
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD'
  readonly path: string
  /** Counts among the requests in flight, which a shutdown waits for. */
  readonly counts?: true
  /** May throw a Fault, which the client is told in its protocol. */
  handle(call: RouteCall): void | Promise<void>
}

interface Compiled {
  readonly route: Route
  readonly pattern: RegExp
  readonly names: readonly string[]
}

export type Found =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path exists, with these methods alone. */
  | { readonly allow: readonly string[] }

export class RouteTable {
  readonly #routes: readonly Compiled[]

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile)
  }

  find(method: string, path: string): Found | undefined {
    const allow = new Set<string>()
    for (const { route, pattern, names } of this.#routes) {
      const match = pattern.exec(path)
      if (match === null) continue
      if (route.method === method || (route.method === 'GET' && method === 'HEAD')) {
        return {
          route,
          params: Object.fromEntries(names.map((name, index) => [name, decodedPath(match[index + 1] ?? '')])),
        }
      }
      allow.add(route.method)
    }
    return allow.size === 0 ? undefined : { allow: [...allow] }
  }

  get paths(): string[] {
    return [...new Set(this.#routes.map(({ route }) => route.path.replace('*}', '}')))]
  }
}

function compile(route: Route): Compiled {
  const names: string[] = []
  const pattern = route.path
    .split(/(\{\w+\*?\})/)
    .map((piece) => {
      const place = /^\{(\w+)(\*?)\}$/.exec(piece)
      if (place === null) return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      names.push(place[1] ?? '')
      return place[2] === '*' ? '(.*)' : '([^/]+)'
    })
    .join('')
  return { route, names, pattern: new RegExp(`^${pattern}$`) }
}
