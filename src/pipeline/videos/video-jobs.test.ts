/** Jobs that make films while nobody asks: questions in the background, a day's patience, and money that is counted once. */
import { describe, expect, it } from 'vitest'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Plan } from '../../kernel/plan.ts'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { playedTransport } from '../../kernel/testing/played-transport.ts'
import { sampleVideo } from '../../kernel/testing/video-job-store-kit.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { StoredVideo, VideoJobStore } from '../../stores/video-job-store.ts'
import { VideoJobs } from './video-jobs.ts'

/** As much of a store as the background needs. */
function storeOf(...videos: readonly StoredVideo[]) {
  const kept = new Map(videos.map((video) => [video.id, video]))
  const open = () => [...kept.values()].filter(({ dueAt }) => dueAt !== undefined)
  const store: VideoJobStore = {
    put: (video) => void kept.set(video.id, video),
    get: (_owner, id) => kept.get(id),
    list: () => [],
    delete: (_owner, id) => kept.delete(id),
    due: (now, limit) =>
      open()
        .filter(({ dueAt = 0 }) => dueAt <= now)
        .slice(0, limit),
    nextDue: () =>
      open()
        .map(({ dueAt = 0 }) => dueAt)
        .toSorted((a, b) => a - b)[0],
    unfinished: open,
    forget: () => 0,
  }
  return { store, kept }
}

const account = {
  exchangeId: 'ex_1',
  requestId: 'r',
  modelAsked: 'm',
  held: 50,
  cost: 40,
  key: { id: 'key_1', name: 'one', budgets: [{ usd: 100, per: 'day' as const }] },
}

function run(video: StoredVideo, states: readonly string[], { holds = true } = {}) {
  const clock = new FakeClock()
  const { store, kept } = storeOf({ ...video, createdAt: clock.now(), dueAt: clock.now() + 5000 })
  let asked = 0
  const deployment = {
    id: 'p/m',
    provider: 'p',
    model: 'm',
    headers: {},
    timeouts: { firstByte: 1000, stall: 1000 },
    sign: (outbound: unknown) => outbound,
    redact: (text: string) => text,
    transport: playedTransport(() => ({ body: { status: states[Math.min(asked++, states.length - 1)] ?? '' } })),
    endpoints: new Map([
      [
        'video',
        [
          {
            origin: 'https://p.example',
            path: () => '/videos',
            dialect: {
              id: 'd',
              videos: {
                state: () => ({ method: 'GET', path: '/videos/1' }),
                readState: (text: string) => JSON.parse(text) as object,
              },
            },
          },
        ],
      ],
    ]),
  } as unknown as Deployment
  const records: ExchangeRecord[] = []
  const money: string[] = []
  const jobs = new VideoJobs({
    clock,
    store,
    plan: () => ({ deployments: [deployment] }) as unknown as Plan,
    budgets: {
      hold: (_key, amount) => {
        money.push(`hold ${amount}`)
        return holds
          ? { ok: true, settle: (actual) => void money.push(`settle ${actual}`) }
          : { ok: false, period: 'day', left: 0, limit: 0 }
      },
      spent: (_id, amount) => void money.push(`spent ${amount}`),
    },
    journal: (_json, written) => written(),
    publish: (record) => void records.push(record),
    onProblem: () => undefined,
  })
  const pass = async (milliseconds: number, step = 5000): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= step) {
      await clock.advance(Math.min(step, left))
      await settle()
    }
  }
  return { jobs, kept, records, money, pass, asked: () => asked }
}

describe('a job that nobody asks about', () => {
  it('is asked about now and then until it is over, and accounted for once', async () => {
    const { jobs, kept, records, money, pass, asked } = run(sampleVideo('a', { account }), ['in_progress', 'completed'])
    await jobs.resume()
    await pass(60_000)
    expect(asked()).toBe(2)
    expect(kept.get('video_a')).toMatchObject({
      state: { status: 'completed' },
      completedAt: expect.any(Number) as number,
    })
    expect(kept.get('video_a')).not.toHaveProperty('dueAt')
    expect(records).toMatchObject([{ id: 'ex_1-done', cost: 40, outcome: 'ok', keyId: 'key_1' }])
    expect(money).toEqual(['hold 50', 'settle 40'])
    jobs[Symbol.dispose]()
  })

  it('is paid for although the money could not be held again', async () => {
    const { jobs, money, pass } = run(sampleVideo('a', { account }), ['completed'], { holds: false })
    await jobs.resume()
    await pass(10_000)
    expect(money).toEqual(['hold 50', 'spent 40'])
  })

  it('has failed, and costs nothing, after a day without an end', async () => {
    const { jobs, kept, records, money, pass, asked } = run(sampleVideo('a', { account }), ['in_progress'])
    await jobs.resume()
    await pass(25 * 3_600_000, 60_000)
    expect(kept.get('video_a')).toMatchObject({ state: { status: 'failed', failure: { code: 'expired' } } })
    expect(records).toMatchObject([{ outcome: 'fault' }])
    expect(records[0]).not.toHaveProperty('cost')
    expect(money).toEqual(['hold 50', 'settle 0'])
    expect(asked()).toBeLessThan(1600)
  })

  it('is not asked about any more once everything is closed', async () => {
    const { jobs, pass, asked } = run(sampleVideo('a', { account }), ['in_progress'])
    await jobs.resume()
    jobs[Symbol.dispose]()
    await pass(60_000)
    expect(asked()).toBe(0)
  })
})
