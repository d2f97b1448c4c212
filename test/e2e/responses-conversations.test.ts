/** Conversations as OpenAI's own client makes, reads, changes and deletes them. */
import OpenAI, { BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

const otherKey = 'another-client-key-0123456789'
let gateway: Gateway
let client: OpenAI
let other: OpenAI

beforeAll(async () => {
  gateway = await startGateway(`
providers: { sim: {} }
keys: [{ name: test, secret: ${clientKey} }, { name: other, secret: ${otherKey} }]`)
  client = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  other = new OpenAI({ apiKey: otherKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const message = (content: string) => ({ type: 'message', role: 'user', content }) as const

describe('a conversation', () => {
  it('is created with items and metadata, changed, and deleted', async () => {
    const made = await client.conversations.create({ items: [message('hello')], metadata: { topic: 'greeting' } })
    expect(made).toMatchObject({ object: 'conversation', metadata: { topic: 'greeting' } })
    expect(made.id).toMatch(/^conv_/)
    expect(made.created_at).toBeGreaterThan(1_700_000_000)
    expect(await client.conversations.retrieve(made.id)).toEqual(made)
    const changed = await client.conversations.update(made.id, { metadata: { topic: 'farewell' } })
    expect(changed).toEqual({ ...made, metadata: { topic: 'farewell' } })
    expect(await client.conversations.delete(made.id)).toEqual({
      id: made.id,
      object: 'conversation.deleted',
      deleted: true,
    })
    await expect(client.conversations.retrieve(made.id)).rejects.toThrow(NotFoundError)
    await expect(client.conversations.delete(made.id)).rejects.toThrow(NotFoundError)
  })

  it('can be empty, with no body at all', async () => {
    expect((await client.conversations.create()).metadata).toEqual({})
  })

  it('lists its items page by page in both orders, gives one, and deletes one', async () => {
    const { id } = await client.conversations.create({})
    const added = await client.conversations.items.create(id, {
      items: Array.from({ length: 5 }, (_, n) => message(`number ${n}`)),
    })
    expect(added).toMatchObject({ object: 'list', has_more: false })
    expect(added.data[0]).toMatchObject({
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [{ type: 'input_text', text: 'number 0' }],
    })
    const ids = added.data.map((item) => item.id)
    expect([added.first_id, added.last_id]).toEqual([ids[0], ids[4]])
    const all: unknown[] = []
    for await (const item of client.conversations.items.list(id, { limit: 2, order: 'asc' })) all.push(item.id)
    expect(all).toEqual(ids)
    const page = await client.conversations.items.list(id, { limit: 2 })
    expect(page.data.map((item) => item.id)).toEqual([ids[4], ids[3]])
    expect(page.has_more).toBe(true)
    expect(await client.conversations.items.retrieve(ids[2] ?? '', { conversation_id: id })).toEqual(added.data[2])
    expect((await client.conversations.items.delete(ids[2] ?? '', { conversation_id: id })).id).toBe(id)
    await expect(client.conversations.items.retrieve(ids[2] ?? '', { conversation_id: id })).rejects.toThrow(
      NotFoundError,
    )
    expect((await client.conversations.items.list(id)).data).toHaveLength(4)
  })

  it('is unknown to every other key', async () => {
    const { id } = await client.conversations.create({ items: [message('secret')] })
    const item = (await client.conversations.items.list(id)).data[0]?.id ?? ''
    await expect(other.conversations.retrieve(id)).rejects.toThrow(NotFoundError)
    await expect(other.conversations.update(id, { metadata: {} })).rejects.toThrow(NotFoundError)
    await expect(other.conversations.delete(id)).rejects.toThrow(NotFoundError)
    await expect(other.conversations.items.list(id)).rejects.toThrow(NotFoundError)
    await expect(other.conversations.items.create(id, { items: [message('x')] })).rejects.toThrow(NotFoundError)
    await expect(other.conversations.items.retrieve(item, { conversation_id: id })).rejects.toThrow(NotFoundError)
    await expect(other.conversations.items.delete(item, { conversation_id: id })).rejects.toThrow(NotFoundError)
    expect((await client.conversations.items.list(id)).data).toHaveLength(1)
  })

  it('refuses what is too much or of the wrong kind, and says which field', async () => {
    const { id } = await client.conversations.create({})
    const refused = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: unknown) => (error instanceof BadRequestError ? error.param : error),
      )
    const many = Array.from({ length: 21 }, () => message('x'))
    expect(await refused(client.conversations.items.create(id, { items: many }))).toBe('items')
    expect(await refused(client.conversations.create({ items: many }))).toBe('items')
    expect(await refused(client.conversations.create({ metadata: { a: 'x'.repeat(513) } }))).toBe('metadata')
    expect(await refused(client.conversations.items.list(id, { limit: 101 }))).toBe('limit')
    expect(await refused(client.conversations.items.create(id, { items: [{} as never] }))).toBe('items[0]')
    await expect(client.conversations.items.list(id, { after: 'msg_unknown' })).rejects.toThrow(NotFoundError)
  })
})
