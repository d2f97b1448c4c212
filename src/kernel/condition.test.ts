/** Conditions of routers: what each operator and field says, and what is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileCondition, conditionSchema } from './condition.ts'
import type { Condition } from './condition.ts'
import { StrategyProblem } from './strategy.ts'
import type { StrategyQuery } from './strategy.ts'
import { sampleQuery, sampleTarget } from './testing/strategy-fixtures.ts'

const target = sampleTarget('t', {}, { latency: 250, errorRate: 0.25, health: 70, inFlight: 3 })

const query: StrategyQuery = sampleQuery({
  model: 'mine',
  stream: true,
  endUser: 'ada',
  inputTokens: 512,
  text: 'Please PROVE that it is so',
  metadata: { tier: 'gold', seats: '12' },
  key: { id: 'key_1', name: 'ci', metadata: { team: 'search' } },
  header: (name) => (name === 'x-plan' ? 'pro' : undefined),
  body: { temperature: 0, tags: ['a', 'b'], nested: { deep: { x: true } }, empty: '' },
  region: 'eu-west-1',
})

const met = (condition: Condition): boolean => compileCondition(conditionSchema.parse(condition))(query, target)

describe('a condition', () => {
  it.each<[Condition, boolean]>([
    [{ field: 'metadata.tier', eq: 'gold' }, true],
    [{ field: 'metadata.tier', ne: 'gold' }, false],
    [{ field: 'metadata.none', ne: 'gold' }, true],
    [{ field: 'metadata.none', eq: 'undefined' }, false],
    [{ field: 'metadata.seats', gt: 11 }, true],
    [{ field: 'metadata.tier', gt: 0 }, false],
    [{ field: 'metadata.seats', in: [11, 12] }, true],
    [{ field: 'metadata.__proto__', exists: true }, false],
    [{ field: 'header.X-Plan', eq: 'pro' }, true],
    [{ field: 'key.metadata.team', in: ['ads', 'search'] }, true],
    [{ field: 'key.name', contains: 'C' }, true],
    [{ field: 'end_user', exists: true }, true],
    [{ field: 'stream', eq: true }, true],
    [{ field: 'input_tokens', gte: 512, lte: 512 }, true],
    [{ field: 'input_tokens', gt: 512 }, false],
    [{ field: 'text', contains: 'prove' }, true],
    [{ field: 'text', matches: 'PROVE|theorem' }, true],
    [{ field: 'text', matches: '^PROVE' }, false],
    [{ field: 'region', matches: '^eu-' }, true],
    [{ field: 'body.temperature', eq: 0 }, true],
    [{ field: 'body.tags', contains: 'b' }, true],
    [{ field: 'body.tags', contains: 'c' }, false],
    [{ field: 'body.nested.deep.x', eq: true }, true],
    [{ field: 'body.nested.none.x', exists: false }, true],
    [{ field: 'body.empty', exists: false }, true],
    [{ field: 'has.tools', eq: false }, true],
    [{ field: 'target.latency', lt: 300 }, true],
    [{ field: 'target.health', lt: 70 }, false],
    [{ field: 'target.in_flight', eq: 3 }, true],
    [{ field: 'target.ttft', exists: false }, true],
    [{ not: { field: 'stream', eq: true } }, false],
    [
      {
        all: [
          { field: 'model', eq: 'mine' },
          { field: 'target.error_rate', lte: 0.25 },
        ],
      },
      true,
    ],
    [{ any: [{ field: 'model', eq: 'other' }, { not: { field: 'region', exists: false } }] }, true],
  ])('%j is %s', (condition, expected) => {
    expect(met(condition)).toBe(expected)
  })

  it.each<[Condition, RegExp, (string | number)[]]>([
    [{ field: 'metdata.tier', eq: 1 }, /no field `metdata.tier`/, ['field']],
    [{ all: [{ field: 'model' }] }, /says nothing of `model`/, ['all', 0]],
    [
      { any: [{ field: 'stream', eq: true }, { not: { field: 'text', matches: '(' } }] },
      /./,
      ['any', 1, 'not', 'matches'],
    ],
  ])('%j is refused at its place', (condition, message, path) => {
    try {
      compileCondition(condition)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof StrategyProblem)) throw error
      expect(error.message).toMatch(message)
      expect(error.path).toEqual(path)
    }
  })

  it('does not hang on a pattern that other engines go mad on', () => {
    const test = compileCondition({ field: 'text', matches: '(a+)+$' })
    expect(test(sampleQuery({ text: `${'a'.repeat(16_000)}!` }), target)).toBe(false)
  })

  it('obeys the laws of logic', () => {
    const leaf = fc.constantFrom<Condition>(
      { field: 'stream', eq: true },
      { field: 'model', eq: 'other' },
      { field: 'input_tokens', gt: 100 },
    )
    fc.assert(
      fc.property(leaf, leaf, (a, b) => {
        expect(met({ not: { not: a } })).toBe(met(a))
        expect(met({ not: { all: [a, b] } })).toBe(met({ any: [{ not: a }, { not: b }] }))
        expect(met({ all: [a, b] })).toBe(met({ all: [b, a] }))
      }),
    )
  })
})
