/** Answers that are long: what they take of the memory of whoever asks for many of them. */
import { expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { SimAnswer } from './reply.ts'
import { seeded } from './seeded.ts'
import { createSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'

function ask(simulator: Simulator, path: string, body: object): SimAnswer {
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const reply = simulator.simulate({ method: 'POST', path, headers: {}, body: bytes })
  if (reply.kind === 'reset') throw new Error('the connection was closed')
  return reply
}

it('makes a long stream while it is sent', () => {
  const simulator = createSimulator({ clock: new FakeClock(), random: seeded(1) })
  const before = process.memoryUsage().heapUsed
  const started = Array.from({ length: 20 }, (_one, seed) => {
    const body = {
      model: `sim/text?tokens=100000&seed=${seed}`,
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    }
    const [path, more] = seed % 2 === 0 ? ['/v1/chat/completions', {}] : ['/v1/messages', { max_tokens: 100_000 }]
    const chunks = ask(simulator, path, { ...body, ...more }).chunks[Symbol.iterator]()
    expect(chunks.next().done).toBe(false)
    return chunks
  })
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 << 20)
  expect(started).toHaveLength(20)
})

it.each([[{ n: 100 }], [{ logprobs: true, top_logprobs: 20 }]])('writes only so much at once: %j', (more) => {
  const simulator = createSimulator({ clock: new FakeClock(), random: seeded(1) })
  const body = { model: 'sim/text?tokens=50000', messages: [{ role: 'user', content: 'x' }], ...more }
  expect(ask(simulator, '/v1/chat/completions', body).status).toBe(400)
})
