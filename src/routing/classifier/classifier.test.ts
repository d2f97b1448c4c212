/** Classifiers choose the nearest, ask no more than they have to, and take their default for whatever goes wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPlace, StrategyProblem } from '../../kernel/strategy.ts'
import type { Advice, StrategyEvent, StrategyTarget } from '../../kernel/strategy.ts'
import { sampleContext, sampleQuery, sampleTarget } from '../../kernel/testing/strategy-fixtures.ts'
import { Fault } from '../../model/fault.ts'
import { similarity, Verdicts } from './verdicts.ts'
import { classifier } from './index.ts'

const kinds = [{ examples: ['aa', 'aab'] }, { examples: ['bb'], about: 'much of b' }, { examples: [] }] as const
const targets = kinds.map((kind, index) => sampleTarget(`t${index}`, { about: undefined, ...kind }))

/** How often each letter of a and b is in it. */
const vectorOf = (text: string): number[] => ['a', 'b'].map((letter) => text.split(letter).length - 1)

function trial(options: object, advice: Partial<Advice> = {}) {
  const asked: (readonly string[])[] = []
  const events: StrategyEvent[] = []
  const order = classifier.compile(
    targets,
    classifier.options.parse({ embeddings: 'e', default: 't2', min_similarity: 0.9, ...options }),
    { ...noPlace, tell: (event) => void events.push(event) },
  )
  const all: Advice = {
    embed(_model, texts) {
      asked.push(texts)
      return Promise.resolve(texts.map(vectorOf))
    },
    json: () => Promise.resolve({ choice: 2 }),
    select: ({ candidates }) => Promise.resolve(candidates[1] ?? ''),
    ...advice,
  }
  const choose = async (text: string, explain = false) => {
    const context = sampleContext(explain ? { explain: () => undefined } : {})
    const ordered = await order(sampleQuery({ text, advice: explain ? undefined : all }), context)
    return (ordered as readonly StrategyTarget[]).map(({ id }) => id).join(' ')
  }
  return { choose, asked, events }
}

describe('by examples', () => {
  it('the nearest target comes first, and the default behind it', async () => {
    const { choose, asked } = trial({})
    expect(await choose('aaaa')).toBe('t0 t2 t1')
    expect(await choose('bbb')).toBe('t1 t2 t0')
    expect(await choose('bba')).toBe('t2 t0 t1')
    expect(await choose('ccc')).toBe('t2 t0 t1')
    expect(asked).toEqual([['aa', 'aab', 'bb', 'aaaa'], ['bbb'], ['bba'], ['ccc']])
  })

  it('a text is judged once, as long as it is remembered', async () => {
    const { choose, asked } = trial({ cache: 2 })
    for (const text of ['aaaa', 'bbb', 'aaaa', 'ccc', 'aaaa', 'bbb', '']) await choose(text)
    expect(asked.map((texts) => texts.at(-1))).toEqual(['aaaa', 'bbb', 'ccc', 'bbb'])
    expect(await choose('aaaa', true)).toBe('t0 t2 t1')
    expect(await choose('never seen', true)).toBe('t2 t0 t1')
    expect(asked).toHaveLength(4)
  })

  it('examples are learnt once by however many come at the same time, and by the next where the first fails', async () => {
    const calls: number[] = []
    const { choose, events } = trial(
      {},
      {
        embed(_model, texts) {
          calls.push(texts.length)
          if (calls.length === 1) return Promise.reject(new Fault('client_gone', 'left'))
          return Promise.resolve(texts.map(vectorOf))
        },
      },
    )
    expect(await Promise.all(['aaaa', 'aaab', 'bb'].map((text) => choose(text)))).toEqual([
      't2 t0 t1',
      't0 t2 t1',
      't1 t2 t0',
    ])
    expect(calls).toEqual([4, 4, 1])
    expect(events).toEqual([])
  })
})

describe('by a judge', () => {
  it('the target that it chooses comes first', async () => {
    const { choose } = trial({ embeddings: undefined, judge: 'j' })
    expect(await choose('whatever')).toBe('t1 t2 t0')
  })

  it.each([{ choice: 4 }, { choice: 0 }, { choice: '1' }, {}, 'one', null])('%j is no choice', async (value) => {
    const { choose, events } = trial({ embeddings: undefined, judge: 'j' }, { json: () => Promise.resolve(value) })
    expect(await choose('whatever')).toBe('t2 t0 t1')
    expect(events).toMatchObject([{ kind: 'stumbled', reason: 'provider_malformed' }])
  })
})

describe('what goes wrong', () => {
  it('leads to the default, is told, and is not remembered', async () => {
    let fails = true
    const { choose, events } = trial(
      {},
      {
        embed: (_model, texts) =>
          fails ? Promise.reject(new Fault('deadline_exceeded', 'too late')) : Promise.resolve(texts.map(vectorOf)),
      },
    )
    expect(await choose('aaaa')).toBe('t2 t0 t1')
    expect(events).toEqual([{ kind: 'stumbled', reason: 'timeout', message: 'too late' }])
    fails = false
    expect(await choose('aaaa')).toBe('t0 t2 t1')
  })

  it.each([
    [{}, /one of `embeddings`, `judge` and `adviser`/],
    [{ embeddings: 'e', judge: 'j' }, /one of `embeddings`, `judge` and `adviser`/],
    [{ embeddings: 'e', default: 'nobody' }, /none of the targets/],
  ])('%j is refused', (options, message) => {
    const compile = () => classifier.compile(targets, classifier.options.parse({ default: 't2', ...options }), noPlace)
    expect(compile).toThrow(message)
    expect(compile).toThrow(StrategyProblem)
  })

  it('without examples it is refused', () => {
    const bare = [sampleTarget('a', { examples: [] }), sampleTarget('b', { examples: [] })]
    for (const asked of [{ embeddings: 'e' }, { judge: 'j' }])
      expect(() => classifier.compile(bare, classifier.options.parse({ ...asked, default: 'a' }), noPlace)).toThrow(
        /have no/,
      )
  })
})

describe('what is remembered', () => {
  it('has a bound, and is what was asked for last', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')),
        (most, texts) => {
          const verdicts = new Verdicts(most)
          for (const text of texts) if (verdicts.find(text) === undefined) verdicts.keep(text, text)
          expect(verdicts.size).toBeLessThanOrEqual(most)
          const latest = [...new Set(texts.toReversed())].slice(0, most)
          for (const text of latest) expect(verdicts.find(text)).toBe(text)
        },
      ),
    )
  })

  it('a similarity is between -1 and 1, the same both ways, and 1 for the same direction', () => {
    const vector = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.1, max: 9, noNaN: true }), (one, other, factor) => {
        expect(Math.abs(similarity(one, other))).toBeLessThanOrEqual(1)
        expect(similarity(one, other)).toBeCloseTo(similarity(other, one), 9)
        if (one.some((value) => Math.abs(value) > 1e-3))
          expect(
            similarity(
              one,
              one.map((value) => value * factor),
            ),
          ).toBeCloseTo(1, 9)
      }),
    )
    expect(similarity([1, 2], [1, 2, 3])).toBe(0)
  })
})
