/** What every driver of the response store must do, as tests that each driver runs against its real database. */
import { describe, expect, it } from 'vitest'
import type { ResponseEventStore, ResponseStore, StoredResponse } from '../../stores/response-store.ts'
import type { StateRetention } from '../../stores/state-retention.ts'

export interface ResponseStoreFixture extends AsyncDisposable {
  readonly responses: ResponseStore
  readonly events: ResponseEventStore
  readonly retention: StateRetention
}

const now = 1_800_000_000_000
const huge = Number.MAX_SAFE_INTEGER

/** `open` gives an empty store each time. */
export function describeResponseStore(name: string, open: () => Promise<ResponseStoreFixture>): void {
  describe(`response store: ${name}`, () => {
    it('gives back an answer exactly as it was put, and its later states in place of it', async () => {
      await using fixture = await open()
      const { responses } = fixture
      const plain = sampleResponse('a')
      const full = sampleResponse('b', {
        status: 'queued',
        background: true,
        input: '[{"content":"O\'Reilly \\u0000 🦦"}]',
        previousId: 'resp_a',
        conversation: { id: 'conv_1', upTo: 4 },
        origin: { provider: 'p', deployment: 'p/m', dialect: 'd', responseId: 'resp_there' },
      })
      responses.put(plain)
      responses.put(full)
      expect(responses.get('key_1', 'resp_a', now)).toEqual(plain)
      expect(responses.get('key_1', 'resp_b', now)).toEqual(full)
      responses.put({ ...full, status: 'completed', response: '{"done":true}' })
      expect(responses.get('key_1', 'resp_b', now)).toEqual({ ...full, status: 'completed', response: '{"done":true}' })
    })

    it('shows an answer to nobody but its owner, and lets two owners have the same id', async () => {
      await using fixture = await open()
      const { responses } = fixture
      responses.put(sampleResponse('a'), ['msg_1'])
      expect(responses.get('key_2', 'resp_a', now)).toBeUndefined()
      expect(responses.chain('key_2', 'resp_a', now, huge)).toBeUndefined()
      expect(responses.holderOf('key_2', 'msg_1', now)).toBeUndefined()
      expect(responses.delete('key_2', 'resp_a', now)).toBe(false)
      responses.put(sampleResponse('a', { owner: 'key_2', response: '{"other":1}' }), ['msg_1'])
      expect(responses.get('key_1', 'resp_a', now)?.response).toBe(sampleResponse('a').response)
      expect(responses.delete('key_2', 'resp_a', now)).toBe(true)
      expect(responses.holderOf('key_1', 'msg_1', now)?.id).toBe('resp_a')
    })

    it('walks a chain from its oldest turn, and says where it is broken', async () => {
      await using fixture = await open()
      const { responses } = fixture
      for (const [id, previousId] of [['a'], ['b', 'resp_a'], ['c', 'resp_b'], ['other', 'resp_a']] as const)
        responses.put(sampleResponse(id, previousId === undefined ? {} : { previousId }))
      const idsOf = (id: string, bytes = huge) => {
        const chain = responses.chain('key_1', id, now, bytes)
        return chain && [chain.turns.map((turn) => turn.id), chain.broken]
      }
      expect(idsOf('resp_c')).toEqual([['resp_a', 'resp_b', 'resp_c'], undefined])
      expect(idsOf('resp_other')).toEqual([['resp_a', 'resp_other'], undefined])
      expect(idsOf('resp_x')).toBeUndefined()
      const one = sampleResponse('c').input.length + sampleResponse('c').response.length
      expect(idsOf('resp_c', 2 * one)).toEqual([['resp_b', 'resp_c'], 'too-large'])
      expect(idsOf('resp_c', one - 1)).toEqual([['resp_c'], 'too-large'])
      responses.delete('key_1', 'resp_a', now)
      expect(idsOf('resp_c')).toEqual([['resp_b', 'resp_c'], 'deleted'])
    })

    it('finds the answer that has an item, until that answer is gone', async () => {
      await using fixture = await open()
      const { responses } = fixture
      responses.put(sampleResponse('a'), ['msg_1', 'fc_1'])
      responses.put(sampleResponse('b'), ['msg_2'])
      expect(responses.holderOf('key_1', 'fc_1', now)?.id).toBe('resp_a')
      expect(responses.holderOf('key_1', 'fc_2', now)).toBeUndefined()
      expect(responses.holderOf('key_1', 'msg_2', sampleResponse('b').expiresAt)).toBeUndefined()
      responses.delete('key_1', 'resp_a', now)
      expect(responses.holderOf('key_1', 'msg_1', now)).toBeUndefined()
    })

    it('knows an answer up to its last millisecond, and keeps what a living one follows', async () => {
      await using fixture = await open()
      const { responses, retention } = fixture
      responses.put(sampleResponse('a', { expiresAt: now + 10 }))
      responses.put(sampleResponse('b', { expiresAt: now + 20, previousId: 'resp_a' }))
      const sweep = (at: number): number => retention.sweep({ now: at, maxBytes: huge, limit: 10 })
      expect(responses.get('key_1', 'resp_a', now + 9)).toBeDefined()
      expect(responses.get('key_1', 'resp_a', now + 10)).toBeUndefined()
      expect(responses.delete('key_1', 'resp_a', now + 10)).toBe(false)
      expect(sweep(now + 15)).toBe(0)
      expect(responses.chain('key_1', 'resp_b', now + 15, huge)?.turns).toHaveLength(2)
      expect(sweep(now + 20)).toBe(1)
      expect(sweep(now + 20)).toBe(1)
      expect(sweep(now + 20)).toBe(0)
      expect(responses.get('key_1', 'resp_b', now)).toBeUndefined()
    })

    it('forgets within its limit, and the oldest first when there is too much', async () => {
      await using fixture = await open()
      const { responses, retention } = fixture
      for (let n = 0; n < 7; n += 1) responses.put(sampleResponse(String(n), { expiresAt: now + n }))
      responses.put(sampleResponse('runs', { status: 'in_progress', expiresAt: now + 1000 }))
      expect(retention.sweep({ now: now + 4, maxBytes: huge, limit: 3 })).toBe(3)
      expect(retention.sweep({ now: now + 4, maxBytes: huge, limit: 3 })).toBe(2)
      expect(retention.sweep({ now: now + 4, maxBytes: 1, limit: 1 })).toBe(1)
      expect(responses.get('key_1', 'resp_5', now)).toBeUndefined()
      expect(responses.get('key_1', 'resp_6', now)).toBeDefined()
      expect(retention.sweep({ now, maxBytes: 1, limit: 10 })).toBe(1)
      expect(responses.get('key_1', 'resp_runs', now)).toBeDefined()
    })

    it('lists what is not finished', async () => {
      await using fixture = await open()
      const { responses } = fixture
      for (const status of ['queued', 'in_progress', 'completed', 'failed', 'cancelled', 'incomplete'] as const)
        responses.put(sampleResponse(status, { status }))
      expect(
        responses
          .unfinished()
          .map(({ status }) => status)
          .toSorted(),
      ).toEqual(['in_progress', 'queued'])
      responses.put(sampleResponse('queued', { status: 'cancelled' }))
      expect(responses.unfinished()).toHaveLength(1)
    })

    it('keeps events in their order through later states of their answer, and deletes them with it', async () => {
      await using fixture = await open()
      const { responses, events } = fixture
      responses.put(sampleResponse('a', { status: 'in_progress' }))
      const event = (sequence: number) => ({ sequence, data: `{"n":${sequence}}` })
      events.append('key_1', 'resp_a', [event(0), event(1)])
      events.append('key_1', 'resp_a', [event(2)])
      responses.put(sampleResponse('a'))
      expect(events.after('key_1', 'resp_a', -1, 2)).toEqual([event(0), event(1)])
      expect(events.after('key_1', 'resp_a', 1, 10)).toEqual([event(2)])
      expect(events.after('key_2', 'resp_a', -1, 10)).toEqual([])
      expect(() => events.append('key_1', 'resp_unknown', [event(0)])).toThrow()
      responses.delete('key_1', 'resp_a', now)
      expect(events.after('key_1', 'resp_a', -1, 10)).toEqual([])
    })
  })
}

/** An answer that differs from others by `id`. */
export function sampleResponse(id: string, overrides: Partial<StoredResponse> = {}): StoredResponse {
  return {
    owner: 'key_1',
    id: `resp_${id}`,
    createdAt: now,
    expiresAt: now + 1_000_000,
    status: 'completed',
    background: false,
    input: '[{"role":"user","content":"hi"}]',
    response: '{"object":"response","output":[]}',
    ...overrides,
  }
}
