/** Scripts decide within their bounds, and whatever they do wrong leads to their default. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noPlace, StrategyProblem } from '../../kernel/strategy.ts'
import type { StrategyEvent, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'
import { sampleContext, sampleQuery, sampleTarget } from '../../kernel/testing/strategy-fixtures.ts'
import { script } from './index.ts'

const names = ['a', 'b', 'c']
const targets = names.map((name, index) => sampleTarget(name, {}, { latency: 30 - 10 * index, health: 100 }))
let dir = ''

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluicegate-script-'))
  await script.prepare?.()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Only what tests the bound on time comes near it: how long a script takes on a busy machine is not what these tests are about. */
function deciding(code: string, timeout = 10_000) {
  const events: StrategyEvent[] = []
  const order = script.compile(
    targets,
    { code, default: 'b', timeout_ms: timeout },
    { ...noPlace, tell: (event) => void events.push(event) },
  )
  const decide = async (query: Partial<StrategyQuery> = {}, random = 0.25) => {
    const ordered = await order(sampleQuery(query), sampleContext({ random: () => random, now: 1000 }))
    return (ordered as readonly StrategyTarget[]).map(({ id }) => id).join(' ')
  }
  return { decide, events }
}

const notAsked = (): never => {
  throw new Error('nobody asked for it')
}

describe('a script', () => {
  it.each([
    ['({ headers }) => headers["x-plan"] === "pro" ? "c" : "a"', 'c a b'],
    ['({ key }) => ({ model: key.metadata.tier === "gold" ? "b" : "a" })', 'b a c'],
    ['({ body }) => ({ model: body.tier, fallbacks: ["a"] })', 'c a'],
    [
      '({ metrics, models }) => models.map(({ name }) => name).sort((x, y) => metrics[x].latency - metrics[y].latency)[0]',
      'c a b',
    ],
    ['({ models }) => models.toSorted((x, y) => x.cost - y.cost)[0].name', 'b a c'],
    [
      '({ text, has, random }) => /proof/.test(text) && !has.tools && random < 0.5 ? { model: "b", fallbacks: [] } : "a"',
      'b',
    ],
    ['export default function (context) { return context.input_tokens > 5 ? "c" : "a" }', 'c a b'],
  ])('%s', async (code, expected) => {
    const { decide, events } = deciding(code)
    const query = {
      headers: { 'x-plan': 'pro' },
      key: { id: 'k', name: 'k', metadata: { tier: 'gold' } },
      body: { tier: 'c' },
      text: 'a proof',
      expectedCost: ({ id }: { id: string }) => (id === 'b' ? 1 : 5),
    }
    expect(await decide(query)).toBe(expected)
    expect(events).toEqual([])
  })

  it.each([
    ['() => { for (;;); }', 'timeout'],
    ['() => { const all = []; for (;;) all.push(new Array(1000).fill(1)) }', 'memory'],
    ['() => { const f = () => f() + 1; return f() }', 'memory'],
    ['() => { throw new Error("no") }', 'error'],
    ['({ headers }) => headers.missing.length', 'error'],
    ['() => "nobody"', 'nonsense'],
    ['() => undefined', 'nonsense'],
    ['() => ({ model: "a", fallbacks: "b" })', 'nonsense'],
    ['() => ({ model: "a".repeat(100000) })', 'nonsense'],
    ['async () => "a"', 'nonsense'],
  ])(
    'that fails (%s) leads to the default, and the next request begins anew',
    async (code, reason) => {
      const { decide, events } = deciding(code, reason === 'timeout' ? 100 : undefined)
      expect(await decide()).toBe('b a c')
      expect(await decide()).toBe('b a c')
      expect(events.map((event) => event.kind === 'stumbled' && event.reason)).toEqual([reason, reason])
    },
    20_000,
  )

  it('finds neither clock nor chance nor a way out, and leaves nothing for the next request', async () => {
    const nothing = [
      'Date',
      'performance',
      'process',
      'require',
      'fetch',
      'setTimeout',
      'std',
      'os',
      'console',
      'WebAssembly',
    ]
    const checked = `() => [${nothing.map((name) => `typeof ${name}`).join(', ')}, typeof Math.random].every((type) => type === 'undefined') ? 'a' : 'c'`
    expect(await deciding(checked).decide()).toBe('a b c')
    const leaving = `() => { try { globalThis.seen = 1 } catch {} try { Array.prototype.seen = 1 } catch {} return [].seen || globalThis.seen ? 'c' : 'a' }`
    const { decide } = deciding(leaving)
    expect([await decide(), await decide()]).toEqual(['a b c', 'a b c'])
  })

  it('is told no more than it names, and decides the same of the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.double({ min: 0, max: 0.999, noNaN: true }), async (body, random) => {
        const { decide } = deciding(
          '({ body, random }) => JSON.stringify(body).length % 2 === 0 || random > 0.7 ? "a" : "c"',
        )
        const query = { body: { body } as never, expectedCost: notAsked }
        const expected = JSON.stringify({ body }).length % 2 === 0 || random > 0.7 ? 'a b c' : 'c a b'
        expect(await decide(query, random)).toBe(expected)
      }),
      { numRuns: 20 },
    )
  })

  it('is refused at load, with the file, the line and the reason', () => {
    const compile = (options: object): string => {
      try {
        script.compile(targets, script.options.parse({ default: 'a', ...options }), noPlace)
      } catch (error) {
        if (error instanceof StrategyProblem) return `${error.path.join('.')}: ${error.message}`
        throw error
      }
      return ''
    }
    const file = join(dir, 'route.js')
    writeFileSync(file, '// chooses\n({ body }) => {\n  return body.model +\n}\n')
    expect(compile({ file })).toMatch(/^file: .*route\.js:4: SyntaxError: /)
    expect(compile({ code: '42' })).toMatch(/^code: is no function/)
    expect(compile({ code: 'missing.thing' })).toMatch(/^code: line 1: ReferenceError/)
    expect(compile({ code: 'for (;;);' })).toMatch(/^code: line 1: took too long/)
    expect(compile({ file: join(dir, 'none.js') })).toMatch(/^file: there is no file/)
    expect(compile({})).toMatch(/either `code` or `file`/)
    expect(compile({ code: '() => "a"', default: 'x' })).toBe('default: is none of the targets: a, b, c')
    expect(compile({ code: '() => "a"' })).toBe('')
  })
})
