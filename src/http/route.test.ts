/** Paths of routes and surfaces: what stands in their places, whatever it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RouteTable } from './route.ts'
import type { Route } from './route.ts'
import { SurfaceTable } from './surface-table.ts'
import type { ServedSurface } from './surface-table.ts'

const route = (method: Route['method'], path: string): Route => ({ method, path, handle: () => undefined })

describe('routes', () => {
  const table = new RouteTable([
    route('GET', '/v1/things'),
    route('POST', '/v1/things'),
    route('GET', '/v1/things/{id}'),
    route('DELETE', '/v1/things/{id}'),
    route('GET', '/v1/things/{id}/parts/{part*}'),
  ])

  it('are found by method and path, with what stands in the places unescaped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (id, part) => {
        const path = `/v1/things/${encodeURIComponent(id)}/parts/${encodeURIComponent(part)}`
        expect(table.find('GET', path)).toMatchObject({ params: { id, part } })
      }),
    )
    expect(table.find('GET', '/v1/things/a/parts/b/c')).toMatchObject({ params: { id: 'a', part: 'b/c' } })
    expect(table.find('GET', '/v1/things/%zz')).toMatchObject({ params: { id: '%zz' } })
  })

  it('take HEAD for GET, and say which methods a path has', () => {
    expect(table.find('HEAD', '/v1/things')).toMatchObject({ route: { method: 'GET' } })
    expect(table.find('PUT', '/v1/things/a')).toEqual({ allow: ['GET', 'DELETE'] })
    expect(table.find('GET', '/v1/thing')).toBeUndefined()
    expect(table.find('GET', '/v1/things/a/b')).toBeUndefined()
  })
})

describe('surfaces with the model in their path', () => {
  const served = {
    path: '/v1beta/models/{model}:run',
    address: (model: string, query: URLSearchParams) => ({ model, stream: query.has('s') }),
  }
  const table = new SurfaceTable([served as ServedSurface])
  const match = (target: string) => table.match(target.split('?')[0] ?? '', target)?.address

  it('read the model between the two ends, slashes, colons and escapes included', () => {
    expect(match('/v1beta/models/a/b:7b:run?s=1')).toEqual({ model: 'a/b:7b', stream: true })
    expect(match('/v1beta/models/a%2Fb:run')).toEqual({ model: 'a/b', stream: false })
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (model) => {
        expect(match(`/v1beta/models/${encodeURIComponent(model)}:run`)).toEqual({ model, stream: false })
      }),
    )
  })

  it('are not found where either end differs or the model is empty', () => {
    for (const path of ['/v1beta/models/:run', '/v1beta/models/a:other', '/v1/models/a:run', '/v1beta/models:run'])
      expect(match(path)).toBeUndefined()
  })
})
