/**
 * Every provider in every chat protocol that it offers, asked by a client that speaks none of them: its own words come back as an answer,
 * whole and streamed, with its usage on record; its refusals become the right faults, and its key is nowhere to be read.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../src/builtins.gen.ts'
import { sampled } from '../../src/kernel/testing/depth.ts'
import type { Provider } from '../../src/kernel/provider.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { providerWires } from '../harness/provider-wires.ts'
import type { ProviderWire } from '../harness/wires/wire.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

/** What some cannot do without besides an address and a key. */
const fields: Readonly<Record<string, string>> = {
  bedrock: 'region: us-east-1',
  cloudflare: 'account_id: 0123456789abcdef0123456789abcdef',
  snowflake: 'account: org-account',
}
/** Those whose tokens are fetched, or whose streams are wrapped, are asked in tests of their own. */
const askedElsewhere = new Set([
  'sim',
  'vertex',
  'sagemaker',
  'bedrock-agents',
  'replicate',
  'nlp-cloud',
  'triton-kserve',
])
/** Where a protocol is for some models alone: one of those. */
const models: Readonly<Record<string, string>> = {
  'cloudflare--openai-responses': '@cf/openai/gpt-oss-120b',
  'databricks--openai-responses': 'databricks-gpt-5',
  'snowflake--anthropic-messages': 'claude-sonnet-4-5',
}
const modelOf = (name: string): string => models[name] ?? 'a-model'
const isWrapped = (id: string, dialect: string): boolean => id === 'bedrock' && dialect === 'anthropic-messages'

const secretOf = (id: string): string => `sk-secret-of-${id}`

const cases = (providers as readonly Provider[])
  .filter(({ id }) => !askedElsewhere.has(id))
  .flatMap((driver) =>
    providerWires
      .filter(({ dialect }) => driver.offers.some((offer) => offer.operation === 'chat' && offer.dialect === dialect))
      .filter(({ dialect }) => !isWrapped(driver.id, dialect))
      .map((wire) => ({ id: driver.id, dialect: wire.dialect, name: `${driver.id}--${wire.dialect}`, wire })),
  )

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  const entries = cases.map(({ id, dialect, name }) => {
    const base = `base_url: "${upstream.url}/${id}"`
    const more = [base, ...(fields[id] === undefined ? [] : [fields[id]])].join(', ')
    return `  "${name}": { use: ${id}, protocol: ${dialect}, models: ["${modelOf(name)}"], credentials: ${secretOf(id)}, ${more} }`
  })
  gateway = await startGateway(['providers:', ...entries, 'retries: { rounds: 0 }'].join('\n'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

/** Ollama's clients are asked for by no other provider than Ollama itself, and for that one Google's are. */
function ask(name: string, stream: boolean): Promise<Response> {
  const google = name.startsWith('ollama--')
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return fetch(google ? `${gateway.url}/v1beta/models/${name}/${modelOf(name)}:${method}` : `${gateway.url}/api/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(
      google
        ? { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }
        : { model: `${name}/${modelOf(name)}`, messages: [{ role: 'user', content: 'hello' }], stream },
    ),
  })
}

/** The text in answers of either protocol, whole or streamed. */
const textIn = (body: string): string =>
  [...body.matchAll(/"(?:text|content)":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join('')

function streaming(wire: ProviderWire): Answer {
  const { opening, begin, pieces, close, finish, usage, end } = wire.frames(['well', ' said'])
  const bytes = Buffer.concat([...opening, ...begin, ...pieces, ...close, ...finish, ...usage, ...end])
  return (response) => void response.writeHead(200, { 'content-type': wire.streamType }).end(bytes)
}

const lastRecord = () => gateway.lastRecord()

it('are all that there are', () => {
  const asked = new Set(cases.map(({ id }) => id))
  const missing = providers.filter(
    ({ id, offers }) => offers.some(({ operation }) => operation === 'chat') && !asked.has(id),
  )
  expect(new Set(missing.map(({ id }) => id))).toEqual(new Set(askedElsewhere))
})

describe.each(cases.map((one, row) => ({ ...one, row })))('$id in $dialect', ({ id, name, wire, row }) => {
  const secret = secretOf(id)

  it('answers whole, with its key in one header and nowhere else', async () => {
    upstream.next(json(wire.answer('well said')))
    const response = await ask(name, false)
    expect({ status: response.status, text: textIn(await response.text()) }).toEqual({ status: 200, text: 'well said' })
    const request = upstream.received.at(-1)
    const holders = Object.entries(request?.headers ?? {}).filter(([, value]) => String(value).includes(secret))
    expect(holders).toHaveLength(1)
    expect(`${request?.path}${request?.body.toString()}`).not.toContain(secret)
    expect(await lastRecord()).toMatchObject({
      provider: name,
      outcome: 'ok',
      usage: { input: { total: 9 }, output: { total: 5 } },
    })
  })

  it('answers in a stream', async () => {
    upstream.next(streaming(wire))
    const response = await ask(name, true)
    expect({ status: response.status, text: textIn(await response.text()) }).toEqual({ status: 200, text: 'well said' })
    const record = await lastRecord()
    expect(record).toMatchObject({ provider: name, stream: true, outcome: 'ok', usage: { output: { total: 5 } } })
    expect(record?.usage).not.toHaveProperty('estimated')
  })

  const refusals = [
    [400, 'provider_rejected', 400],
    [401, 'provider_authentication', 502],
    [404, 'provider_not_found', 404],
    [429, 'provider_rate_limited', 429],
    [500, 'provider_error', 502],
    [503, 'provider_overloaded', 503],
  ] as const
  it.each(sampled(refusals, 3, row))('has a %i told as %s', async (status, fault, told) => {
    const { body, headers } = wire.error(status, `It says ${status} of ${secret}.`)
    upstream.next(json(body, status, { ...headers, ...(status === 429 && { 'retry-after': '7' }) }))
    const response = await ask(name, false)
    expect(response.headers.get('x-sluicegate-fault')).toBe(fault)
    expect(response.status).toBe(told)
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '7' : null)
    expect(await response.text()).not.toContain(secret)
  })
})

it('keep their keys to themselves, in log and records', async () => {
  const records = await gateway.records()
  expect(records.length).toBeGreaterThan(cases.length * 3)
  expect(`${JSON.stringify(records)}${JSON.stringify(gateway.log)}`).not.toContain('sk-secret-of-')
})
