/** Keys that are missing, wrong, expired or revoked, in each of the three headers: 401 in the client's protocol, before a byte of the body is read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '../../src/control/keys/create-key.ts'
import { serverSecret } from '../../src/control/keys/server-secret.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'
import { clientKey } from '../harness/gateway.ts'
import { protocols } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import { json } from '../harness/upstream.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({
    yaml: `keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: old, secret: expired-key-0123456789, models: ["*"], expires: 2020-01-01 }
  - { name: narrow, secret: narrow-key-0123456789, models: ["openai/allowed*"] }`,
  })
})

afterAll(() => stage[Symbol.asyncDispose]())

const carriers: [string, (key: string) => Record<string, string>][] = [
  ['authorization', (key) => ({ authorization: `Bearer ${key}` })],
  ['x-api-key', (key) => ({ 'x-api-key': key })],
  ['api-key', (key) => ({ 'api-key': key })],
]

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))('%s', (_name, protocol) => {
  const send = (headers: Record<string, string>, model = `${protocol.name}/x`): Promise<Response> =>
    fetch(`${stage.url}${protocol.path}`, { method: 'POST', headers, body: protocol.request(model) })

  async function refusal(
    headers: Record<string, string>,
  ): Promise<{ status: number; fault: string | null; message: string }> {
    const before = (await stage.gateway.records()).length
    const response = await send(headers)
    const told = protocol.errorIn(await response.json())
    // Strangers cannot fill the journal.
    expect(await stage.gateway.records()).toHaveLength(before)
    if (told === undefined) throw new Error('no error of the protocol')
    return { status: response.status, fault: response.headers.get('x-sluicegate-fault'), message: told.message }
  }

  describe.each(carriers)('in %s', (_carrier, carry) => {
    it('a good key is taken', async () => {
      const model = stage.script(json(protocol.answer('let in')))
      const response = await send(carry(clientKey), `${protocol.name}/${model}`)
      expect(protocol.textOf(await response.text())).toBe('let in')
    })

    it.each<[string, string]>([
      ['an unknown key', 'sk-nobody-has-this-one'],
      ['a key that only begins right', clientKey.slice(0, -1)],
      ['a key that goes on', `${clientKey}x`],
      ['a key in other letters', clientKey.toUpperCase()],
      ['a very long key', 'k'.repeat(20_000)],
      ['a key of a prototype', '__proto__'],
    ])('%s is refused', async (_case, key) => {
      const refused = await refusal(carry(key))
      expect(refused).toMatchObject({ status: 401, fault: 'invalid_key' })
      expect(refused.message).not.toContain(key.slice(0, 12))
    })

    it('an expired key is refused as that', async () => {
      const refused = await refusal(carry('expired-key-0123456789'))
      expect(refused).toMatchObject({ status: 401, fault: 'invalid_key' })
      expect(refused.message).toContain('expired at 2020-01-01')
    })

    it('a key is out the moment it is revoked', async () => {
      using stores = openSqlite(`${stage.gateway.dir}/data/sluicegate.db`)
      const secret = serverSecret(`${stage.gateway.dir}/data`, undefined)
      const made = createKey(stores.keys, secret, {
        name: `made-${_carrier}-${_name}`,
        policy: { models: ['*'] },
        now: Date.now(),
      })
      const model = stage.script(json(protocol.answer('for now')))
      const before = await send(carry(made.secret), `${protocol.name}/${model}`)
      expect(before.status).toBe(200)
      await before.text()
      stores.keys.revoke(made.key.id, Date.now())
      const refused = await refusal(carry(made.secret))
      expect(refused).toMatchObject({ status: 401, fault: 'invalid_key' })
      expect(refused.message).toContain('revoked')
    })

    it('a key that may not use a model is told so, on record', async () => {
      const response = await send(carry('narrow-key-0123456789'), 'openai/other')
      expect(response.status).toBe(403)
      expect(protocol.errorIn(await response.json())?.message).toContain('narrow')
      expect(await stage.recordOf(response.headers.get('x-request-id'))).toMatchObject({
        status: 403,
        fault: 'model_not_allowed',
        keyName: 'narrow',
      })
    })
  })

  it.each<[string, Record<string, string>]>([
    ['no header at all', {}],
    ['an empty authorization', { authorization: '' }],
    ['a bearer of nothing', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${btoa(`user:${clientKey}`)}` }],
    ['two words', { authorization: `Bearer ${clientKey} ${clientKey}` }],
    ['an empty x-api-key', { 'x-api-key': '' }],
    ['an empty api-key', { 'api-key': '' }],
    ['the key in the query', { 'x-query': clientKey }],
  ])('%s is no key', async (_case, headers) => {
    const refused = await refusal(headers)
    expect(refused).toMatchObject({ status: 401, fault: 'missing_key' })
    expect(refused.message).toContain('x-api-key')
  })

  it('an empty x-api-key does not hide a good api-key', async () => {
    const model = stage.script(json(protocol.answer('found')))
    const response = await send({ 'x-api-key': '', 'api-key': clientKey }, `${protocol.name}/${model}`)
    expect(response.status).toBe(200)
    await response.text()
  })

  it('is asked for before the body comes', async () => {
    await using client = await rawClient(stage.url)
    client.send(rawRequest('POST', protocol.path, { 'content-length': '1000000' }))
    const response = await client.response()
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer')
  })

  it('neither the client’s key nor its other headers reach the provider', async () => {
    const model = stage.script(json(protocol.answer('x')))
    await (
      await send(
        { authorization: `Bearer ${clientKey}`, cookie: 'session=1', 'x-forwarded-for': '10.0.0.1' },
        `${protocol.name}/${model}`,
      )
    ).text()
    const headers = JSON.stringify(stage.calls(model)[0]?.headers)
    expect(headers).not.toMatch(new RegExp(`${clientKey}|session=1|10\\.0\\.0\\.1`))
    expect(headers).toContain(`sk-upstream-${protocol.name}`)
  })
})
