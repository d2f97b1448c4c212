/** Marks come from published figures with their sources, fall with what answers show, and never leave their scale. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { TaskClass } from '../../model/task-class.ts'
import { QualityBook } from './quality-book.ts'
import type { Marks } from './quality-book.ts'
import { benchmarks, normalised, openQualityScores, scoresFileSchema } from './scores.ts'

const file = scoresFileSchema.parse(
  JSON.parse(readFileSync(new URL('../../../catalog/quality/scores.json', import.meta.url), 'utf8')),
)
const scores = openQualityScores()

describe('the published figures', () => {
  it('have a known source each, one figure for a benchmark, and models in order', () => {
    const sources = new Set(file.sources.map(({ id }) => id))
    for (const { model, scores: figures } of file.models) {
      expect([model, figures.filter(({ source }) => !sources.has(source))]).toEqual([model, []])
      expect(new Set(figures.map(({ benchmark }) => benchmark)).size).toBe(figures.length)
    }
    const models = file.models.map(({ model }) => model)
    expect(models).toEqual([...new Set(models)].sort())
    expect(models.length).toBeGreaterThan(80)
  })

  it('are within what is told apart', () => {
    for (const { scores: figures } of file.models)
      for (const { benchmark, value } of figures) {
        expect(value).toBeGreaterThan(0)
        expect(value).toBeLessThan(benchmark.startsWith('arena') ? 2000 : 100.01)
      }
    fc.assert(
      fc.property(fc.constantFrom(...benchmarks), fc.double({ min: 0, max: 2000, noNaN: true }), (benchmark, value) => {
        const score = normalised(benchmark, value)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(100)
        expect(normalised(benchmark, value + 1)).toBeGreaterThanOrEqual(score)
      }),
    )
  })

  it.each([
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-20250929',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'anthropic/claude-4.5-sonnet',
    'anthropic/claude-sonnet-4.5:free',
  ])('are found for %s', (model) => {
    expect(scores.priorOf(model, 'code')).toBe(scores.priorOf('claude-sonnet-4-5', 'code'))
    expect(scores.priorOf(model, 'code')).toBeGreaterThan(60)
  })

  it('put models into an order that can be told, and say nothing of those that nobody measured', () => {
    const order = (task: TaskClass, models: string[]) =>
      models.toSorted((a, b) => (scores.priorOf(b, task) ?? 0) - (scores.priorOf(a, task) ?? 0))
    expect(order('code', ['gpt-4.1-nano', 'claude-sonnet-4-5', 'gpt-4.1'])).toEqual([
      'claude-sonnet-4-5',
      'gpt-4.1',
      'gpt-4.1-nano',
    ])
    expect(order('reasoning', ['llama-3.1-8b-instruct', 'o3', 'gpt-4o'])[0]).toBe('o3')
    expect(scores.priorOf('no-such-model', 'chat')).toBeUndefined()
    expect(scores.priorOf('text-embedding-3-small', 'chat')).toBeUndefined()
  })
})

describe('what answers show', () => {
  const trial = (marks: Marks = 80) => {
    const clock = new FakeClock()
    const book = new QualityBook(clock, scores, () => new Map([['p/m', marks]]))
    const answer = (differing: Partial<ExchangeRecord> = {}, attempt: object = {}) =>
      book.write({
        operation: 'chat',
        deployment: 'p/m',
        attempts: [{ deployment: 'p/m', provider: 'p', model: 'm', startedMs: 0, durationMs: 1, ...attempt }],
        ...differing,
      } as ExchangeRecord)
    return { clock, answer, mark: (task = 'chat' as const) => book.qualityOf('p/m', 'm', task), book }
  }

  it('takes nothing from the mark while all is well, and the more the more goes wrong', () => {
    const { answer, mark } = trial()
    for (let index = 0; index < 50; index += 1) answer()
    expect(mark()).toBe(80)
    const before = mark() ?? 0
    for (let index = 0; index < 10; index += 1) answer({ finish: 'refusal' })
    const refused = mark() ?? 0
    expect(refused).toBeCloseTo(80 * (1 - 10 / 80), 5)
    for (let index = 0; index < 10; index += 1) answer({ fault: 'invalid_structured_output' })
    expect(mark()).toBeLessThan(refused)
    expect(refused).toBeLessThan(before)
  })

  it('counts failures of the provider, and not what was wrong with a request', () => {
    const { answer, mark } = trial()
    for (let index = 0; index < 10; index += 1)
      answer({ fault: 'provider_rejected_request' as never }, { fault: 'provider_rejected_request' })
    expect(mark()).toBe(80)
    for (let index = 0; index < 20; index += 1) answer({ fault: 'provider_error' }, { fault: 'provider_error' })
    expect(mark()).toBeCloseTo(40, 5)
  })

  it('is forgiven with time', async () => {
    const { clock, answer, mark } = trial()
    for (let index = 0; index < 40; index += 1) answer({ finish: 'refusal' })
    const then = mark() ?? 0
    await clock.advance(4 * 3_600_000)
    expect(mark()).toBeGreaterThan(then + 20)
  })

  it('stays between 0 and the mark, whatever happens', () => {
    const happening = fc.record({
      finish: fc.constantFrom('stop', 'refusal', 'content-filter'),
      fault: fc.constantFrom(undefined, 'provider_error', 'invalid_structured_output', 'client_gone'),
      attempts: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (all) => {
        const { answer, mark } = trial({ chat: 70 })
        for (const { finish, fault, attempts } of all)
          answer({
            finish: finish as never,
            ...(fault !== undefined && { fault: fault as never }),
            attempts: Array.from({ length: attempts }, () => ({ deployment: 'p/m', fault }) as never),
          })
        expect(mark()).toBeGreaterThanOrEqual(0)
        expect(mark()).toBeLessThanOrEqual(70)
      }),
    )
    expect(trial({ code: 70 }).mark()).toBeUndefined()
  })
})
