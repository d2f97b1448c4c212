/** What every driver of the conversation store must do, as tests that each driver runs against its real database. */
import { describe, expect, it } from 'vitest'
import type { ConversationItem, ConversationStore, StoredConversation } from '../../stores/conversation-store.ts'
import type { StateRetention } from '../../stores/state-retention.ts'

export interface ConversationStoreFixture extends AsyncDisposable {
  readonly conversations: ConversationStore
  readonly retention: StateRetention
}

const now = 1_800_000_000_000

/** `open` gives an empty store each time. */
export function describeConversationStore(name: string, open: () => Promise<ConversationStoreFixture>): void {
  describe(`conversation store: ${name}`, () => {
    it('gives back a conversation and its items as they were created', async () => {
      await using fixture = await open()
      const { conversations } = fixture
      conversations.create(sampleConversation('a', { metadata: '{"topic":"ö \\u0000"}' }), [item('1'), item('2')])
      expect(conversations.get('key_1', 'conv_a')).toEqual(
        sampleConversation('a', { metadata: '{"topic":"ö \\u0000"}' }),
      )
      expect(ids(conversations, 'conv_a')).toEqual(['msg_1', 'msg_2'])
      expect(conversations.item('key_1', 'conv_a', 'msg_2')).toMatchObject(item('2'))
    })

    it('shows nothing of it to another owner, and lets none change it', async () => {
      await using fixture = await open()
      const { conversations } = fixture
      conversations.create(sampleConversation('a'), [item('1')])
      expect(conversations.get('key_2', 'conv_a')).toBeUndefined()
      expect(conversations.items('key_2', 'conv_a', { order: 'asc', limit: 10 })).toEqual([])
      expect(conversations.item('key_2', 'conv_a', 'msg_1')).toBeUndefined()
      expect(conversations.append('key_2', 'conv_a', [item('2')], now)).toBeUndefined()
      expect(conversations.setMetadata('key_2', 'conv_a', '{}', now)).toBe(false)
      expect(conversations.deleteItem('key_2', 'conv_a', 'msg_1')).toBe(false)
      expect(conversations.delete('key_2', 'conv_a')).toBe(false)
      expect(ids(conversations, 'conv_a')).toEqual(['msg_1'])
    })

    it('appends in order, gives no position twice, and no item twice', async () => {
      await using fixture = await open()
      const { conversations } = fixture
      conversations.create(sampleConversation('a'), [item('1')])
      expect(conversations.append('key_1', 'conv_a', [item('2'), item('1'), item('3')], now)).toEqual([
        { ...item('2'), position: 2 },
        { ...item('3'), position: 3 },
      ])
      expect(conversations.deleteItem('key_1', 'conv_a', 'msg_3')).toBe(true)
      expect(conversations.deleteItem('key_1', 'conv_a', 'msg_3')).toBe(false)
      expect(conversations.append('key_1', 'conv_a', [item('4')], now)).toEqual([{ ...item('4'), position: 4 }])
      expect(conversations.append('key_1', 'conv_x', [item('4')], now)).toBeUndefined()
      expect(ids(conversations, 'conv_a')).toEqual(['msg_1', 'msg_2', 'msg_4'])
    })

    it('pages through items in both orders, up to a position', async () => {
      await using fixture = await open()
      const { conversations } = fixture
      conversations.create(sampleConversation('a'), ['1', '2', '3', '4', '5'].map(item))
      const page = (query: Parameters<ConversationStore['items']>[2]) =>
        conversations.items('key_1', 'conv_a', query).map(({ position }) => position)
      expect(page({ order: 'asc', limit: 2 })).toEqual([1, 2])
      expect(page({ order: 'asc', limit: 2, after: 2 })).toEqual([3, 4])
      expect(page({ order: 'asc', limit: 9, after: 1, upTo: 4 })).toEqual([2, 3, 4])
      expect(page({ order: 'desc', limit: 2 })).toEqual([5, 4])
      expect(page({ order: 'desc', limit: 9, after: 4 })).toEqual([3, 2, 1])
      expect(page({ order: 'desc', limit: 2, upTo: 3 })).toEqual([3, 2])
    })

    it('takes new metadata, and deletes items with their conversation', async () => {
      await using fixture = await open()
      const { conversations } = fixture
      conversations.create(sampleConversation('a'), [item('1')])
      expect(conversations.setMetadata('key_1', 'conv_a', '{"x":"y"}', now)).toBe(true)
      expect(conversations.get('key_1', 'conv_a')?.metadata).toBe('{"x":"y"}')
      expect(conversations.delete('key_1', 'conv_a')).toBe(true)
      expect(conversations.delete('key_1', 'conv_a')).toBe(false)
      expect(conversations.get('key_1', 'conv_a')).toBeUndefined()
      conversations.create(sampleConversation('a'), [])
      expect(ids(conversations, 'conv_a')).toEqual([])
    })

    it('forgets what has not been used for long, if it is told to or there is too much', async () => {
      await using fixture = await open()
      const { conversations, retention } = fixture
      conversations.create(sampleConversation('old'), [])
      conversations.create(sampleConversation('used'), [])
      conversations.append('key_1', 'conv_used', [item('1')], now + 100)
      const limits = { now: now + 200, maxBytes: Number.MAX_SAFE_INTEGER, limit: 10 }
      expect(retention.sweep(limits)).toBe(0)
      expect(retention.sweep({ ...limits, conversationsUsedBefore: now + 50 })).toBe(1)
      expect(conversations.get('key_1', 'conv_old')).toBeUndefined()
      expect(conversations.get('key_1', 'conv_used')).toBeDefined()
      expect(retention.sweep({ ...limits, maxBytes: 1 })).toBe(1)
      expect(conversations.get('key_1', 'conv_used')).toBeUndefined()
    })
  })
}

const item = (id: string): ConversationItem => ({ id: `msg_${id}`, json: `{"id":"msg_${id}"}` })

const ids = (conversations: ConversationStore, id: string): string[] =>
  conversations.items('key_1', id, { order: 'asc', limit: 100 }).map((entry) => entry.id)

function sampleConversation(id: string, overrides: Partial<StoredConversation> = {}): StoredConversation {
  return { owner: 'key_1', id: `conv_${id}`, createdAt: now, metadata: '{}', ...overrides }
}
