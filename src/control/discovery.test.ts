/** Learning which models a server has: in the background, bounded, and without harm when the server is not there. */
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../kernel/testing/fake-clock.ts'
import { TransportError } from '../kernel/transport.ts'
import type { Outbound, Transport, TransportHandler } from '../kernel/transport.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import { Discovery } from './discovery.ts'

function server(answer: (handler: TransportHandler) => void) {
  const asked: Outbound[] = []
  let aborted = 0
  const transport: Transport = {
    dispatch(outbound, handler) {
      asked.push(outbound)
      queueMicrotask(() => answer(handler))
      return { pause() {}, resume() {}, abort: () => void (aborted += 1) }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const request = (): Outbound => ({
    method: 'GET',
    origin: 'http://local',
    path: '/v1/models',
    headers: {},
    body: null,
  })
  return { asked, source: { name: 'local', transport, request }, aborts: () => aborted }
}

const listing =
  (text: string, status = 200) =>
  (handler: TransportHandler) => {
    handler.onHead(status, {})
    handler.onData(Buffer.from(text))
    handler.onEnd()
  }
const models = (...ids: string[]): string =>
  JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) })

describe('discovery', () => {
  it('asks at once, and again after ten minutes or, if a name was not known, after fifteen seconds', async () => {
    const clock = new FakeClock()
    const discovery = new Discovery(clock)
    const { asked, source } = server(listing(models('a', 'b')))
    discovery.watch([source])
    await discovery.settled()
    expect(discovery.modelsOf('local')).toEqual(['a', 'b'])
    expect(discovery.version).toBe(1)
    discovery.missed()
    expect(asked.length).toBe(1)
    await clock.advance(15_001)
    discovery.missed()
    await discovery.settled()
    expect(asked.length).toBe(2)
    // Nothing new: nobody has to look again.
    expect(discovery.version).toBe(1)
    await clock.advance(600_001)
    discovery.modelsOf('local')
    await discovery.settled()
    expect(asked.length).toBe(3)
  })

  it.each([
    ['is not JSON', listing('<html>')],
    ['is no list', listing('{"data":{"id":"x"}}')],
    ['is an error', listing('{"error":"no"}', 500)],
    ['does not come', (handler: TransportHandler) => handler.onError(new TransportError('connect', 'refused'))],
  ])('keeps what it knew when an answer %s', async (_what, answer) => {
    const clock = new FakeClock()
    const discovery = new Discovery(clock)
    let current = listing(models('a'))
    const { source } = server((handler) => current(handler))
    discovery.watch([source])
    await discovery.settled()
    current = answer
    await clock.advance(20_000)
    discovery.missed()
    await discovery.settled()
    expect(discovery.modelsOf('local')).toEqual(['a'])
  })

  it('gives up on a server that does not answer, or does not end', async () => {
    const clock = new FakeClock()
    const discovery = new Discovery(clock)
    const silent = server(() => undefined)
    discovery.watch([silent.source])
    await settle()
    await clock.advance(10_001)
    await discovery.settled()
    expect(silent.aborts()).toBe(1)
    const endless = server((handler) => {
      handler.onHead(200, {})
      for (let n = 0; n < 6; n += 1) handler.onData(new Uint8Array(1 << 20))
    })
    discovery.watch([endless.source])
    await discovery.settled()
    expect(endless.aborts()).toBeGreaterThan(0)
    expect(discovery.modelsOf('local')).toEqual([])
  })

  it('takes only names that are names', async () => {
    const discovery = new Discovery(new FakeClock())
    const { source } = server(listing('{"data":[{"id":"a"},{"id":7},null,"b",{"id":""},{"name":"c"}]}'))
    discovery.watch([source])
    await discovery.settled()
    expect(discovery.modelsOf('local')).toEqual(['a'])
  })

  it('reads a list of another shape where the provider knows how', async () => {
    const discovery = new Discovery(new FakeClock())
    const { source } = server(listing('{"models":[{"name":"models/a"},{"name":""}]}'))
    const namesIn = ({ models: list }: JsonObject): string[] | undefined =>
      Array.isArray(list)
        ? list.flatMap((entry) => (isJsonObject(entry) && typeof entry['name'] === 'string' ? [entry['name']] : []))
        : undefined
    discovery.watch([{ ...source, namesIn }])
    await discovery.settled()
    expect(discovery.modelsOf('local')).toEqual(['models/a'])
  })
})
