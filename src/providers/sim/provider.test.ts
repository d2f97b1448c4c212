/** The simulator as a provider and as a transport inside the process: in time, in order, and stoppable. */
import { describe, expect, it } from 'vitest'
import { playedTransport } from '../../kernel/testing/played-transport.ts'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import type { Outbound, Transport, TransportCall } from '../../kernel/transport.ts'
import { simProvider } from './provider.ts'
import { seeded } from './seeded.ts'

describeProvider(simProvider, {
  cases: [
    {
      name: 'nothing at all',
      config: {},
      expect: {
        baseUrl: 'http://sim.invalid/v1',
        paths: {
          'openai-chat': '/chat/completions',
          'openai-embeddings': '/embeddings',
          'openai-speech': '/audio/speech',
          'openai-transcriptions': '/audio/transcriptions',
          'openai-translations': '/audio/translations',
          'openai-images': '/images/generations',
          'openai-image-edits': '/images/edits',
          'openai-image-variations': '/images/variations',
          'openai-videos': '/videos',
          'cohere-rerank-v1': '/rerank',
          'openai-moderations': '/moderations',
          'anthropic-messages': '/messages',
          'anthropic-count-tokens': '/messages/count_tokens',
        },
        headers: {},
      },
    },
  ],
  refused: [{ name: 'a field that it does not have', config: { speed: 3 } }],
})

const outbound = (model: string, stream = true): Outbound => ({
  method: 'POST',
  origin: 'http://sim.invalid',
  path: '/v1/chat/completions',
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode(JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] })),
})

interface Heard {
  /** What was heard, in order: `200`, `data`, `end` or the failure. */
  readonly log: string[]
  text: string
  call: TransportCall
}

function listen(transport: Transport, request: Outbound, onData?: (heard: Heard) => void): Heard {
  const heard: Heard = { log: [], text: '', call: { pause() {}, resume() {}, abort() {} } }
  heard.call = transport.dispatch(request, {
    onHead: (status) => heard.log.push(String(status)),
    onData(chunk) {
      heard.log.push('data')
      heard.text += Buffer.from(chunk).toString()
      onData?.(heard)
    },
    onEnd: () => heard.log.push('end'),
    onError: (error) => heard.log.push(error.failure),
  })
  return heard
}

function open(): { transport: Transport; clock: FakeClock } {
  const clock = new FakeClock()
  const transport = simProvider.transport?.({}, { clock, random: seeded(1), network: playedTransport(() => undefined) })
  if (transport === undefined) throw new Error('the simulator has a transport of its own')
  return { transport, clock }
}

describe('the transport inside the process', () => {
  it('answers every model that the provider lists', async () => {
    const { transport, clock } = open()
    for (const model of simProvider.models ?? []) {
      const heard = listen(transport, outbound(model, false))
      await clock.advance(60_000)
      expect(heard.log).toEqual([model === 'fault' ? '500' : '200', 'data', 'end'])
    }
  })

  it('says nothing before the caller holds the call', async () => {
    const heard = listen(open().transport, outbound('fast'))
    expect(heard.log).toEqual([])
    await settle()
    expect(heard.log[0]).toBe('200')
    expect(heard.log.at(-1)).toBe('end')
    expect(heard.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('gives a long answer in pieces, letting others have their turn', async () => {
    const heard = listen(open().transport, outbound('text?tokens=500'))
    await Promise.resolve()
    const first = heard.log.length
    expect(first).toBeGreaterThan(1)
    expect(first).toBeLessThan(100)
    await settle()
    await settle()
    await settle()
    expect(heard.log.at(-1)).toBe('end')
  })

  it('keeps the pace on the clock that it is given', async () => {
    const { transport, clock } = open()
    const heard = listen(transport, outbound('text?tokens=3&ttft=300&tps=50'))
    await clock.advance(299)
    expect(heard.log).toEqual(['200', 'data'])
    await clock.advance(1)
    expect(heard.log).toHaveLength(3)
    await clock.advance(20)
    expect(heard.log).toHaveLength(4)
    await clock.advance(20)
    expect(heard.log).toEqual(['200', 'data', 'data', 'data', 'data', 'data', 'data', 'end'])
    expect(clock.timers).toBe(0)
  })

  it('is silent while paused, and goes on where it was', async () => {
    const { transport } = open()
    const heard = listen(transport, outbound('text'), ({ log, call }) => {
      if (log.length === 5) call.pause()
    })
    await settle()
    expect(heard.log).toHaveLength(5)
    await settle()
    expect(heard.log).toHaveLength(5)
    heard.call.resume()
    heard.call.resume()
    await settle()
    await settle()
    expect(heard.log.at(-1)).toBe('end')
    const all = listen(transport, outbound('text'))
    await settle()
    await settle()
    expect(heard.log).toEqual(all.log)
  })

  it('can be paused before it has begun', async () => {
    const heard = listen(open().transport, outbound('fast'))
    heard.call.pause()
    await settle()
    expect(heard.log).toEqual(['200'])
    heard.call.resume()
    await settle()
    expect(heard.log.at(-1)).toBe('end')
  })

  it('is silent for ever once aborted, at any moment', async () => {
    const { transport, clock } = open()
    const early = listen(transport, outbound('fast'))
    early.call.abort()
    const inside = listen(transport, outbound('fast'), ({ call }) => call.abort())
    const waiting = listen(transport, outbound('slow'))
    await settle()
    waiting.call.abort()
    waiting.call.abort()
    await clock.advance(60_000)
    expect(early.log).toEqual([])
    expect(inside.log).toEqual(['200', 'data'])
    expect(waiting.log).toEqual(['200', 'data'])
    expect(clock.timers).toBe(0)
  })

  it('breaks as a network would', async () => {
    const { transport, clock } = open()
    const cut = listen(transport, outbound('fault?cut=2'))
    const reset = listen(transport, outbound('fault?reset&latency=50'))
    const stalled = listen(transport, outbound('fault?stall=1000&after=1'))
    const hanging = listen(transport, outbound('fault?stall'))
    await clock.advance(49)
    expect(cut.log).toEqual(['200', 'data', 'data', 'reset'])
    expect(reset.log).toEqual([])
    expect(stalled.log).toEqual(['200', 'data'])
    await clock.advance(1000)
    await settle()
    expect(reset.log).toEqual(['reset'])
    expect(stalled.log.at(-1)).toBe('end')
    await clock.advance(1e9)
    expect(hanging.log).toEqual(['200', 'data', 'data', 'data'])
  })

  it('tells open calls when it is closed', async () => {
    const { transport } = open()
    const hanging = listen(transport, outbound('fault?stall'))
    const done = listen(transport, outbound('fast'))
    await settle()
    await transport[Symbol.asyncDispose]()
    expect(hanging.log.at(-1)).toBe('reset')
    expect(done.log.at(-1)).toBe('end')
  })
})
