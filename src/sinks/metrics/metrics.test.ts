/** Metrics as a scraper reads them: right sums, right buckets, and no more of them than allowed. */
import { describe, expect, it } from 'vitest'
import { sampleRecord } from '../../kernel/testing/usage-store-kit.ts'
import { Metrics } from './index.ts'

const nothing = (): number => 0
const sources = {
  inFlight: () => 3,
  connections: nothing,
  journalPendingBytes: nothing,
  journalLagBytes: nothing,
  journalDropped: () => 2,
  journalFailures: nothing,
  restingCredentials: () => new Map([['openai', 2]]),
  deploymentHealth: () => new Map([['openai/gpt-4o', 87]]),
  canaryShares: () => new Map<string, number>(),
  openCircuits: () => new Map([['openai', 1]]),
  planRevision: nothing,
  unkeptResponses: nothing,
  backgroundResponses: nothing,
  eventLoopDelayP99: () => 12.5,
}

const valueOf = (text: string, start: string): number | undefined => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(start))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}

describe('metrics', () => {
  it('put durations into cumulative buckets', async () => {
    const metrics = new Metrics(sources)
    for (const durationMs of [4, 5, 5.1, 90, 400_000]) metrics.write(sampleRecord(1, { durationMs }))
    const { text } = await metrics.render()
    const bucket = (bound: string) => {
      const line = text
        .split('\n')
        .find(
          (candidate) =>
            candidate.startsWith('sluicegate_request_duration_seconds_bucket') && candidate.includes(`le="${bound}"`),
        )
      return Number(line?.slice(line.lastIndexOf(' ')))
    }
    expect(['0.005', '0.01', '0.1', '300', '+Inf'].map((bound) => bucket(bound))).toEqual([2, 3, 4, 4, 5])
    expect(text).toMatch(/^sluicegate_request_duration_seconds_count\{[^}]*\} 5$/m)
  })

  it('read what others count when they are asked for', async () => {
    const { text } = await new Metrics(sources).render()
    expect(valueOf(text, 'sluicegate_in_flight_requests')).toBe(3)
    expect(valueOf(text, 'sluicegate_journal_dropped_total')).toBe(2)
    expect(valueOf(text, 'sluicegate_resting_credentials{provider="openai"}')).toBe(2)
    expect(valueOf(text, 'sluicegate_event_loop_delay_seconds')).toBe(0.0125)
  })

  it('show models that clients make up as `other`, once there are many', async () => {
    const metrics = new Metrics(sources)
    for (let n = 0; n < 5000; n += 1) {
      const attempts = [
        { deployment: `p/made-up-${n}`, provider: 'p', model: `made-up-${n}`, startedMs: 0, durationMs: 1 },
      ]
      metrics.write(sampleRecord(n, { deployment: `p/made-up-${n}`, provider: 'p', attempts }))
    }
    const { text } = await metrics.render()
    const lines = text.split('\n').filter((line) => line.startsWith('sluicegate_requests_total{'))
    expect(lines.length).toBeLessThanOrEqual(2001)
    expect(lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)).toBe(5000)
    expect(lines.some((line) => line.includes('model="other"'))).toBe(true)
  })

  it('escape what would break their format', async () => {
    const metrics = new Metrics(sources)
    metrics.write(sampleRecord(1, { deployment: 'p/a"b\\c\nd', provider: 'p' }))
    expect((await metrics.render()).text).toContain('model="a\\"b\\\\c\\nd"')
  })
})
