/** What a provider tells of its limits sends the next request elsewhere, and refuses none. */
import { OpenAI } from 'openai'
import { expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'

it('asks others first where too little is left, and comes back for what fits', async () => {
  const upstream = await startUpstream()
  const left = (tokens: number) =>
    json(
      {
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'up' }, finish_reason: 'stop' }],
      },
      200,
      { 'x-ratelimit-remaining-tokens': String(tokens), 'x-ratelimit-reset-tokens': '60s' },
    )
  upstream.answer(left(200))
  await using gateway = await startGateway(`
providers:
  up: { use: openai-compatible, base_url: "${upstream.url}/v1", credentials: k }
  sim: {}
routers:
  main: { strategy: fallback, targets: [up/m, sim/echo] }
  only: { strategy: fallback, targets: [up/m, "sim/fault?status=500"] }
retries: { rounds: 0 }`)
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  const ask = async (model: string, content: string) =>
    (await client.chat.completions.create({ model, messages: [{ role: 'user', content }] })).choices[0]?.message.content
  const long = 'word '.repeat(400)
  expect(await ask('main', long)).toBe('up')
  expect(await ask('main', long)).toBe(long)
  expect(await ask('main', 'short')).toBe('up')
  expect(await ask('only', long)).toBe('up')
  await upstream.close()
})
