/** A provider in trouble is not asked more than ever: what is asked again stays a share, and clients are saved by other targets all the same. */
import { OpenAI } from 'openai'
import { expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'

it('asks a provider again for a share of its requests, and another target always', async () => {
  const clock = new FakeClock()
  await using gateway = await startGateway(
    `
providers: { one: { use: sim }, two: { use: sim } }
retries: { rounds: 3, base_delay: 0, budget: { ratio: 0.25, min_per_second: 0 } }
circuit_breaker: { enabled: false }
routers:
  alone: { strategy: fallback, targets: ["one/fault?status=503"] }
  within: { strategy: fallback, targets: ["one/fault?status=503", one/text] }
  beyond: { strategy: fallback, targets: ["one/fault?status=503", "one/fault?status=500", two/text] }`,
    { clock },
  )
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  const attempts = async (model: string): Promise<number | undefined> => {
    const progress = { over: false }
    const asked = client.chat.completions
      .create({ model, messages: [{ role: 'user', content: 'hello' }] })
      .catch(() => undefined)
      .finally(() => (progress.over = true))
    while (!progress.over) await clock.advance(1)
    await asked
    return (await gateway.records()).at(-1)?.attempts.length
  }
  const each: (number | undefined)[] = []
  for (let request = 0; request < 8; request += 1) each.push(await attempts('alone'))
  expect(each).toEqual([1, 1, 1, 2, 1, 1, 1, 2])
  expect(await attempts('within')).toBe(2)
  expect(await attempts('beyond')).toBe(3)
  clock.skip(11_000)
  expect(await attempts('alone')).toBe(1)
  const headers = { authorization: `Bearer ${clientKey}` }
  const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text()
  expect(text).toMatch(/sluicegate_refused_retries_total\{provider="one"\} [1-9]/)
})
