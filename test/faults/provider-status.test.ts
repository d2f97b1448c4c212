/** What a provider's status means for the client, for the next target and for the record; in every client's and every provider's protocol. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anthropic, openai, ways } from '../harness/protocols.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { ask, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({
    providers: ['keyring: { use: openai, base_url: "UPSTREAM/v1", credentials: [sk-a, sk-b, sk-c] }'],
  })
})

afterAll(() => stage[Symbol.asyncDispose]())

const modes = [
  ['complete', false],
  ['streamed', true],
] as const

describe.each(ways)('%s', (_name, { client, provider, at }) => {
  const same = client === provider
  const good = json(provider.answer('never asked'))

  describe.each(modes)('%s', (_mode, streams) => {
    const body = (model: string): string => client.request(model, streams ? { stream: true } : {})

    it.each([400, 413, 422])(
      'a %i is the client’s answer: no other target is asked, and the words are the provider’s',
      async (status) => {
        const refusal = provider.errorAnswer('invalid_request_error', 'messages.0: that cannot be', 'odd_code')
        const router = stage.router([at, json(refusal, status)], [at, good])
        const response = await ask(stage, client, body(router.name))
        const text = await response.text()
        expect(response.status).toBe(status)
        expect(client.errorIn(JSON.parse(text))).toMatchObject({
          type: 'invalid_request_error',
          message: expect.stringContaining('that cannot be') as unknown,
        })
        if (same) expect(text).toBe(JSON.stringify(refusal))
        expect(response.headers.get('x-sluicegate-fault')).toBe('provider_rejected')
        expect(response.headers.get('x-sluicegate-attempts')).toBe('1')
        expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
        const record = await stage.recordOf(response.headers.get('x-request-id'))
        expect(record).toMatchObject({ status, outcome: 'fault', fault: 'provider_rejected', stream: streams })
        expect(record.attempts).toMatchObject([{ status, fault: 'provider_rejected' }])
      },
    )

    it.each([200, 400, 503])('a %i that quotes the credential tells it to nobody', async (status) => {
      const secret = `sk-upstream-${at}`
      const model = stage.script(json(provider.errorAnswer('api_error', `Odd key ${secret}, sorry`), status))
      const response = await ask(stage, client, body(`${at}/${model}`))
      const text = await response.text()
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(text).not.toContain(secret)
      expect(JSON.stringify(await stage.recordOf(response.headers.get('x-request-id')))).not.toContain(secret)
    })

    it.each([
      [401, 'provider_authentication'],
      [403, 'provider_authentication'],
      [402, 'provider_billing'],
    ])('a %i is the gateway’s own trouble: a 502 in its words, and nothing of the credential', async (status, code) => {
      const leak = 'Incorrect API key provided: sk-upst*****enai'
      const model = stage.script(json(provider.errorAnswer('authentication_error', leak, 'invalid_api_key'), status))
      const response = await ask(stage, client, body(`${at}/${model}`))
      const text = await response.text()
      expect(response.status).toBe(502)
      expect(response.headers.get('x-sluicegate-fault')).toBe(code)
      expect(text).not.toMatch(/sk-upst|Incorrect API key|invalid_api_key|authentication_error/)
      expect(client.errorIn(JSON.parse(text))).toMatchObject({ message: expect.stringContaining(at) as unknown })
      // Who runs the gateway reads what the provider said.
      const record = await stage.recordOf(response.headers.get('x-request-id'))
      expect(record).toMatchObject({ status: 502, fault: code, attempts: [{ status, fault: code, message: leak }] })
    })

    it.each([401, 402, 403, 404, 408, 409, 429, 500, 502, 503, 529])(
      'a %i leads to the next target',
      async (status) => {
        const answer = streams
          ? ([at, stream(provider.events(['second']))] as const)
          : ([at, json(provider.answer('second'))] as const)
        const router = stage.router([at, json(provider.errorAnswer('api_error', 'no'), status)], answer)
        const response = await ask(stage, client, body(router.name))
        expect(response.status).toBe(200)
        expect(client.textOf(await response.text())).toBe('second')
        expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
        const record = await stage.recordOf(response.headers.get('x-request-id'))
        expect(record).toMatchObject({ status: 200, outcome: 'ok', deployment: `${at}/${router.targets[1] ?? ''}` })
        expect(record.attempts).toHaveLength(2)
        expect(record.attempts[0]).toMatchObject({ status, fault: expect.stringMatching(/^provider_/) as unknown })
        expect(record.attempts[1]).not.toHaveProperty('fault')
      },
    )

    it.each([
      [404, 404, 'provider_not_found'],
      [408, 504, 'provider_timeout'],
      [429, 429, 'provider_rate_limited'],
      [500, 502, 'provider_error'],
      [502, 502, 'provider_error'],
      [503, 503, 'provider_overloaded'],
      [529, 503, 'provider_overloaded'],
    ])(
      'a %i with nobody else to ask is told: as it is in the same protocol, as a %i in the other',
      async (status, translated, code) => {
        const refusal = provider.errorAnswer('api_error', 'the engine is out', 'engine')
        const model = stage.script(json(refusal, status))
        const response = await ask(stage, client, body(`${at}/${model}`))
        const text = await response.text()
        expect(response.status).toBe(same ? status : translated)
        expect(response.headers.get('x-sluicegate-fault')).toBe(code)
        expect(client.errorIn(JSON.parse(text))).toMatchObject({
          message: expect.stringContaining('the engine is out') as unknown,
        })
        if (same) expect(text).toBe(JSON.stringify(refusal))
      },
    )
  })
})

describe.each(ways)('waiting as a provider asks: %s', (_name, { client, provider, at }) => {
  const limited = (headers: Record<string, string>) =>
    json(provider.errorAnswer('rate_limit_error', 'slow down'), 429, headers)

  it.each<[string, Record<string, string>, string]>([
    ['seconds', { 'retry-after': '17' }, '17'],
    ['milliseconds', { 'retry-after-ms': '2100' }, '3'],
  ])('tells the client of a retry-after in %s', async (_form, headers, expected) => {
    const model = stage.script(limited(headers))
    const response = await ask(stage, client, client.request(`${at}/${model}`))
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe(expected)
  })

  it('tells the client of a retry-after that is a date', async () => {
    const date = new Date(Date.now() - 3_600_000)
    const until = new Date(date.getTime() + 40_000)
    const model = stage.script(limited({ date: date.toUTCString(), 'retry-after': until.toUTCString() }))
    const response = await ask(stage, client, client.request(`${at}/${model}`))
    expect(response.status).toBe(429)
    // The date as it is where the protocol is the same; else how long that is, by the provider's own clock.
    expect(response.headers.get('retry-after')).toBe(client === provider ? until.toUTCString() : '40')
  })

  it.each(['→', 'soon', '-5', '1e999', '9'.repeat(40), ''])(
    'makes nothing of a retry-after of %j that nobody can read',
    async (value) => {
      const model = stage.script((response) => {
        response.socket?.end(
          `HTTP/1.1 429 Too Many\r\ncontent-type: application/json\r\nretry-after: ${value}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
        )
      })
      const response = await ask(stage, client, client.request(`${at}/${model}`))
      await response.text()
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after') ?? '1').toMatch(/^\d{1,7}$/)
    },
  )
})

describe('several targets that all fail', () => {
  it.each([
    ['openai', openai],
    ['anthropic', anthropic],
  ])('give one fault that tells of each, to a client of %s', async (_name, client) => {
    const router = stage.router(
      ['openai', json(openai.errorAnswer('server_error', 'first is down'), 500)],
      ['anthropic', json(anthropic.errorAnswer('overloaded_error', 'second is full'), 529)],
      ['openai', json(openai.errorAnswer('authentication_error', 'Incorrect API key sk-abc'), 401)],
    )
    const response = await ask(stage, client, client.request(router.name))
    const told = client.errorIn(await response.json())
    const [a = '', b = '', c = ''] = router.targets
    expect(told?.message).toContain(`openai/${a} (500): first is down`)
    expect(told?.message).toContain(`anthropic/${b} (529): second is full`)
    expect(told?.message).toContain(`openai/${c} (401)`)
    expect(told?.message).not.toContain('sk-abc')
    expect(response.headers.get('x-sluicegate-attempts')).toBe('3')
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts.map(({ status }) => status)).toEqual([500, 529, 401])
  })

  it('are told as what may pass, when one of them may: a client that gives up at a 404 should try again', async () => {
    const router = stage.router(
      ['openai', json(openai.errorAnswer('server_error', 'busy'), 503)],
      ['openai', json(openai.errorAnswer('invalid_request_error', 'no such model', 'model_not_found'), 404)],
    )
    const response = await ask(stage, openai, openai.request(router.name))
    await response.text()
    expect(response.status).toBe(503)
    expect(response.headers.get('x-sluicegate-fault')).toBe('provider_overloaded')
  })
})

describe('a target that refuses the request itself', () => {
  it('has the last word, in its own words, though others failed before it', async () => {
    const refusal = openai.errorAnswer(
      'invalid_request_error',
      'This is longer than the context.',
      'context_length_exceeded',
    )
    const router = stage.router(
      ['openai', json(openai.errorAnswer('server_error', 'down'), 500)],
      ['openai', json(refusal, 400)],
      ['openai', json(openai.answer('never asked'))],
    )
    const response = await ask(stage, openai, openai.request(router.name))
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual(refusal)
    expect(stage.calls(router.targets[2] ?? '')).toHaveLength(0)
    const record = await stage.recordOf(response.headers.get('x-request-id'))
    expect(record.attempts.map(({ status }) => status)).toEqual([500, 400])
  })
})

describe('several credentials', () => {
  it('take turns, and the next one is tried when one is refused', async () => {
    const used: string[] = []
    const answer: Answer = (response, request) => {
      const key = String(request.headers.authorization).replace('Bearer ', '')
      used.push(key)
      const refusal = json(openai.errorAnswer('invalid_request_error', 'bad key', 'invalid_api_key'), 401)
      return (key === 'sk-b' ? refusal : json(openai.answer(key)))(response, request)
    }
    const model = stage.script(answer)
    const texts: string[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const response = await ask(stage, openai, openai.request(`keyring/${model}`))
      texts.push(openai.textOf(await response.text()))
    }
    expect(texts).toEqual(['sk-a', 'sk-c', 'sk-c', 'sk-a'])
    expect(used).toEqual(['sk-a', 'sk-b', 'sk-c', 'sk-c', 'sk-a'])
  })
})
