/**
 * Finds the surface of a path. Most paths are fixed and looked up in one step; protocols that put the model into the path have a
 * place for it, `/v1beta/models/{model}:generateContent`, where everything between the two fixed ends is the model.
 */
import type { RequestAddress } from '../kernel/dialect.ts'
import type { Surface } from '../kernel/exchange.ts'
import type { Run } from '../pipeline/compose.ts'
import { decodedPath } from './decoded-path.ts'

export interface ServedSurface {
  readonly surface: Surface
  /** Holds `{model}` where the protocol has the model in its path; then `address` says what the URL means. */
  readonly path: string
  readonly run: Run
  readonly address?: (model: string, query: URLSearchParams) => RequestAddress
}

export interface Match {
  readonly served: ServedSurface
  readonly address: RequestAddress | undefined
}

interface Addressed {
  readonly served: ServedSurface
  readonly before: string
  readonly after: string
}

const place = '{model}'

export class SurfaceTable {
  readonly #fixed = new Map<string, Match>()
  readonly #addressed: Addressed[] = []

  constructor(surfaces: readonly ServedSurface[]) {
    for (const served of surfaces) {
      const at = served.path.indexOf(place)
      if (at === -1) this.#fixed.set(served.path, { served, address: undefined })
      else {
        const after = served.path.slice(at + place.length)
        this.#addressed.push({ served, before: served.path.slice(0, at), after })
      }
    }
  }

  /** `url` is the request's whole target, whose query an addressed surface may read. */
  match(path: string, url: string): Match | undefined {
    return this.#fixed.get(path) ?? this.#matchAddressed(path, url)
  }

  #matchAddressed(path: string, url: string): Match | undefined {
    for (const { served, before, after } of this.#addressed) {
      if (path.length <= before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) continue
      const model = decodedPath(path.slice(before.length, path.length - after.length))
      const question = url.indexOf('?')
      const query = new URLSearchParams(question === -1 ? '' : url.slice(question))
      return { served, address: served.address?.(model, query) ?? { model } }
    }
    return undefined
  }

  /** For telling what there is. */
  get paths(): string[] {
    return [...this.#fixed.keys(), ...this.#addressed.map(({ served }) => served.path)]
  }
}
