/** Costs against an independent reference in exact fractions, and against bills worked out by hand from providers' price lists. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, rateFor, worstCaseCost } from './cost.ts'
import type { PriceSheet, TieredRate } from './price.ts'
import type { Usage } from './usage.ts'

/** US dollars per million as nano-USD per million. */
const usd = (dollars: number): number => Math.round(dollars * 1e9)
const flat = (dollars: number): TieredRate => ({ base: usd(dollars) })
const tiered = (base: number, above: number, rate: number): TieredRate => ({
  base: usd(base),
  tiers: [{ above, rate: usd(rate) }],
})

const gpt4o: PriceSheet = { source: 'test', input: flat(2.5), cacheRead: flat(1.25), output: flat(10) }
const audio: PriceSheet = {
  source: 'test',
  input: flat(2.5),
  output: flat(10),
  inputAudio: flat(40),
  outputAudio: flat(80),
}
const sonnet: PriceSheet = {
  source: 'test',
  input: tiered(3, 200_000, 6),
  cacheRead: tiered(0.3, 200_000, 0.6),
  cacheWrite: tiered(3.75, 200_000, 7.5),
  cacheWrite1h: tiered(6, 200_000, 12),
  output: tiered(15, 200_000, 22.5),
  serverTools: { web_search_requests: usd(10_000), web_fetch_requests: 0 },
}
const sonar: PriceSheet = { source: 'test', input: flat(1), output: flat(1), request: usd(0.012) }

describe('costOf', () => {
  const bills: [string, PriceSheet, Usage, number][] = [
    ['plain tokens', gpt4o, { input: { total: 1000 }, output: { total: 500 } }, 0.0025 + 0.005],
    [
      'cached tokens at their own rate, once',
      gpt4o,
      { input: { total: 1000, cacheRead: 800 }, output: { total: 0 } },
      0.0005 + 0.001,
    ],
    [
      'reasoning as output when it has no price',
      gpt4o,
      { input: { total: 0 }, output: { total: 300, reasoning: 200 } },
      0.003,
    ],
    [
      'image tokens as input when they have no price',
      gpt4o,
      { input: { total: 1000, image: 765 }, output: { total: 0 } },
      0.0025,
    ],
    [
      'audio in and out',
      audio,
      { input: { total: 1000, audio: 400 }, output: { total: 200, audio: 150 } },
      0.0015 + 0.016 + 0.0005 + 0.012,
    ],
    [
      'cache reads and writes of both lifetimes',
      sonnet,
      { input: { total: 10_000, cacheRead: 5000, cacheWrite: 4000, cacheWrite1h: 1000 }, output: { total: 100 } },
      0.003 + 0.0015 + 0.01125 + 0.006 + 0.0015,
    ],
    ['the base tier at its very end', sonnet, { input: { total: 200_000 }, output: { total: 1000 } }, 0.6 + 0.015],
    [
      'the next tier for all of the request from one token more',
      sonnet,
      { input: { total: 200_001 }, output: { total: 1000 } },
      1.200006 + 0.0225,
    ],
    [
      'a tier chosen by all of the input, cached or not',
      sonnet,
      { input: { total: 250_000, cacheRead: 240_000 }, output: { total: 0 } },
      0.06 + 0.144,
    ],
    [
      'searches by the call',
      sonnet,
      { input: { total: 0 }, output: { total: 0 }, serverTools: { web_search_requests: 3, web_fetch_requests: 5 } },
      0.03,
    ],
    ['a fee for the request', sonar, { input: { total: 10 }, output: { total: 20 } }, 0.00003 + 0.012],
  ]

  it.each(bills)('charges %s', (_what, sheet, usage, dollars) => {
    const cost = costOf(usage, sheet)
    expect(cost.total).toBe(Math.round(dollars * 1e9))
    expect(cost.missing).toBeUndefined()
  })

  it('tells line by line what was charged at which rate', () => {
    expect(costOf({ input: { total: 1000, cacheRead: 800 }, output: { total: 500 } }, gpt4o).lines).toEqual([
      { dimension: 'cacheRead', count: 800, rate: usd(1.25), cost: 1_000_000 },
      { dimension: 'input', count: 200, rate: usd(2.5), cost: 500_000 },
      { dimension: 'output', count: 500, rate: usd(10), cost: 5_000_000 },
    ])
  })

  it('names what was used and has no price of its own, and charges it as plain tokens', () => {
    const usage: Usage = {
      input: { total: 1000, cacheWrite: 100, audio: 50 },
      output: { total: 10, audio: 5, image: 1 },
      serverTools: { web_search_requests: 2, unused: 0 },
    }
    const cost = costOf(usage, gpt4o)
    expect(cost.missing).toEqual([
      'cacheWrite',
      'inputAudio',
      'outputAudio',
      'outputImage',
      'serverTools.web_search_requests',
    ])
    expect(cost.total).toBe(1000 * 2500 + 10 * 10_000)
    expect(costOf({ input: { total: 1 }, output: { total: 1 } }, { source: 'empty' })).toEqual({
      total: 0,
      lines: [],
      missing: ['input', 'output'],
    })
    expect(costOf({ input: { total: 0 }, output: { total: 0 } }, { source: 'empty' })).toEqual({ total: 0, lines: [] })
  })

  it('takes a price of zero for a price', () => {
    expect(
      costOf({ input: { total: 9 }, output: { total: 9 } }, { source: 'free', input: flat(0), output: flat(0) }),
    ).toMatchObject({ total: 0 })
  })

  it('rounds once, half up: many dimensions of half a nano-USD each make whole ones', () => {
    const half: PriceSheet = {
      source: 'test',
      input: { base: 500_000 },
      output: { base: 500_000 },
      cacheRead: { base: 500_000 },
      cacheWrite: { base: 499_999 },
    }
    expect(costOf({ input: { total: 1 }, output: { total: 0 } }, half).total).toBe(1)
    expect(costOf({ input: { total: 1 }, output: { total: 1 } }, half).total).toBe(1)
    expect(costOf({ input: { total: 2, cacheRead: 1 }, output: { total: 1 } }, half).total).toBe(2)
    expect(costOf({ input: { total: 1, cacheWrite: 1 }, output: { total: 0 } }, half).total).toBe(0)
  })

  it('never charges more tokens than there were, whatever the provider claims', () => {
    const shares = { cacheRead: 900, cacheWrite: 800, cacheWrite1h: 5000, audio: 700, image: 600 }
    const cost = costOf(
      { input: { total: 1000, ...shares }, output: { total: 10, reasoning: 50, audio: 50 } },
      { ...sonnet, inputAudio: flat(1) },
    )
    const charged = (side: RegExp): number =>
      cost.lines.filter(({ dimension }) => side.test(dimension)).reduce((sum, { count }) => sum + count, 0)
    expect(charged(/^(input|cache)/)).toBe(1000)
    expect(charged(/^(output|reasoning)/)).toBe(10)
  })

  it('is calm about figures that are no counts', () => {
    for (const total of [-1, Number.NaN, Infinity, 1e300, 0.7, Number.MAX_SAFE_INTEGER]) {
      const cost = costOf({ input: { total, cacheRead: total }, output: { total, reasoning: -total } }, gpt4o)
      expect(Number.isSafeInteger(cost.total)).toBe(true)
      expect(cost.total).toBeGreaterThanOrEqual(0)
    }
  })

  it('is exact: it equals the sum of fractions, rounded once', () => {
    fc.assert(
      fc.property(usageArbitrary, sheetArbitrary, (usage, sheet) => {
        const { total, missing } = costOf(usage, sheet)
        const expected = reference(usage, sheet)
        expect(BigInt(total)).toBe(expected.nano)
        expect(missing ?? []).toEqual(expect.arrayContaining(expected.missing))
        expect(missing ?? []).toHaveLength(expected.missing.length)
      }),
    )
  })

  it('grows with every count at flat rates where shares are no dearer to leave out', () => {
    fc.assert(
      fc.property(usageArbitrary, fc.nat(1000), (usage, more) => {
        const grown = { ...usage, output: { ...usage.output, total: usage.output.total + more } }
        expect(costOf(grown, gpt4o).total).toBeGreaterThanOrEqual(costOf(usage, gpt4o).total)
      }),
    )
  })
})

describe('what is not tokens', () => {
  const searched = (tokens: number) => ({ input: { total: tokens }, output: { total: 0 }, units: { searches: 3 } })
  const bySearch = { source: 'test', units: { searches: 2_000_000 * 1_000_000 } }

  it('is charged by the piece where that has a price, and by its tokens where they have', () => {
    expect(costOf(searched(900), bySearch)).toEqual({
      total: 6_000_000,
      lines: [{ dimension: 'units.searches', count: 3, rate: 2e12, cost: 6_000_000 }],
    })
    expect(costOf(searched(1000), { source: 'test', input: { base: 20_000_000 } })).toMatchObject({ total: 20_000 })
    expect(costOf(searched(1000), { ...bySearch, input: { base: 20_000_000 } }).total).toBe(6_020_000)
    expect(costOf(searched(1000), { ...bySearch, request: 5 }).total).toBe(6_000_005)
  })

  it('is missing only where nothing of it has a price', () => {
    expect(costOf(searched(10), { source: 'test', units: { characters: 1 } }).missing).toEqual(['input'])
    expect(costOf(searched(10), bySearch)).not.toHaveProperty('missing')
  })

  it('is bounded by the most of it', () => {
    expect(worstCaseCost(5000, 0, 1, bySearch, { units: { searches: 4 } })).toMatchObject({ total: 8_000_000 })
    expect(worstCaseCost(5000, 0, 1, bySearch, { units: { searches: 4 } })).not.toHaveProperty('missing')
    expect(worstCaseCost(5000, 0, 1, { source: 'test' }, { units: { searches: 4 } }).missing).toContain('input')
  })
})

describe('worstCaseCost', () => {
  it('takes the dearest rate that input and output can have, in the dearest tier within reach', () => {
    expect(worstCaseCost(1000, 100, 2, gpt4o).total).toBe(1000 * 2500 + 200 * 10_000)
    expect(worstCaseCost(200_000, 0, 1, sonnet).total).toBe(200_000 * 6000)
    expect(worstCaseCost(200_001, 0, 1, sonnet).total).toBe(200_001 * 12_000)
    expect(worstCaseCost(10, 10, 1, audio).total).toBe(10 * 40_000 + 10 * 80_000)
    expect(worstCaseCost(10, 10, 1, audio, { modalities: [] }).total).toBe(10 * 2500 + 10 * 10_000)
    expect(worstCaseCost(10, 10, 1, sonar).total).toBe(20 * 1000 + usd(0.012))
    expect(worstCaseCost(0, 0, 1, sonnet, { serverTools: { web_search_requests: 2 } }).total).toBe(usd(0.02))
  })

  it('tells what cannot be bounded', () => {
    expect(worstCaseCost(10, 10, 1, { source: 'test', input: flat(1) }).missing).toEqual(['output'])
    expect(worstCaseCost(10, 10, 1, gpt4o, { serverTools: { web_search_requests: 1 } }).missing).toEqual([
      'serverTools.web_search_requests',
    ])
  })

  it('is never less than what a request within its bounds costs', () => {
    fc.assert(
      fc.property(
        usageArbitrary,
        sheetArbitrary,
        fc.nat(500),
        fc.integer({ min: 1, max: 4 }),
        (usage, sheet, more, n) => {
          const priced = { ...sheet, input: sheet.input ?? flat(1), output: sheet.output ?? flat(2) }
          const maxOutput = Math.ceil(usage.output.total / n)
          const worst = worstCaseCost(usage.input.total + more, maxOutput, n, priced, {
            serverTools: usage.serverTools ?? {},
          })
          expect(worst.total).toBeGreaterThanOrEqual(costOf(usage, priced).total)
        },
      ),
    )
  })
})

describe('rateFor', () => {
  it('takes the highest tier that the input is above', () => {
    const rate: TieredRate = {
      base: 1,
      tiers: [
        { above: 10, rate: 2 },
        { above: 20, rate: 3 },
      ],
    }
    expect([0, 10, 11, 20, 21, 1e9].map((total) => rateFor(rate, total))).toEqual([1, 1, 2, 2, 3, 3])
  })
})

const count = fc.oneof(fc.nat(50), fc.nat(300_000))
const rateArbitrary: fc.Arbitrary<TieredRate> = fc
  .record({
    base: fc.nat(usd(100)),
    tiers: fc.option(
      fc.uniqueArray(fc.record({ above: fc.nat(300_000), rate: fc.nat(usd(200)) }), {
        selector: ({ above }) => above,
        maxLength: 3,
      }),
    ),
  })
  .map(({ base, tiers }) => (tiers === null ? { base } : { base, tiers: tiers.toSorted((a, b) => a.above - b.above) }))

const sheetArbitrary: fc.Arbitrary<PriceSheet> = fc
  .record(
    {
      source: fc.constant('test'),
      input: rateArbitrary,
      cacheRead: rateArbitrary,
      cacheWrite: rateArbitrary,
      cacheWrite1h: rateArbitrary,
      inputAudio: rateArbitrary,
      inputImage: rateArbitrary,
      output: rateArbitrary,
      reasoning: rateArbitrary,
      outputAudio: rateArbitrary,
      outputImage: rateArbitrary,
      request: fc.nat(usd(0.05)),
      serverTools: fc.dictionary(fc.constantFrom('search', 'fetch'), fc.nat(usd(10_000))),
    },
    { requiredKeys: ['source'] },
  )
  .map((sheet) => sheet as PriceSheet)

/** Shares that fit into their totals. */
const usageArbitrary: fc.Arbitrary<Usage> = fc
  .record({
    shares: fc.tuple(count, count, count, count, count),
    oneHour: fc.double({ min: 0, max: 1, noNaN: true }),
    out: fc.tuple(count, count, count, count),
    tools: fc.dictionary(fc.constantFrom('search', 'fetch', 'other'), fc.nat(5)),
  })
  .map(
    ({
      shares: [text, cacheRead, cacheWrite, audio, image],
      oneHour,
      out: [said, reasoning, spoken, painted],
      tools,
    }) => ({
      input: {
        total: text + cacheRead + cacheWrite + audio + image,
        cacheRead,
        cacheWrite,
        cacheWrite1h: Math.floor(cacheWrite * oneHour),
        audio,
        image,
      },
      output: { total: said + reasoning + spoken + painted, reasoning, audio: spoken, image: painted },
      serverTools: tools,
    }),
  )

/** Straight from the rules, in exact fractions: numerators over a million, no shared code. */
function reference({ input, output, serverTools }: Usage, sheet: PriceSheet): { nano: bigint; missing: string[] } {
  const { cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0, audio: heard = 0, image: seen = 0 } = input
  const { reasoning = 0, audio: spoken = 0, image: painted = 0 } = output
  const charges: [string, number, TieredRate | undefined][] = [
    ['input', input.total - cacheRead - cacheWrite - heard - seen, sheet.input],
    ['cacheRead', cacheRead, sheet.cacheRead ?? sheet.input],
    ['cacheWrite', cacheWrite - cacheWrite1h, sheet.cacheWrite],
    ['cacheWrite1h', cacheWrite1h, sheet.cacheWrite1h],
    ['inputAudio', heard, sheet.inputAudio],
    ['inputImage', seen, sheet.inputImage ?? sheet.input],
    ['output', output.total - reasoning - spoken - painted, sheet.output],
    ['reasoning', reasoning, sheet.reasoning ?? sheet.output],
    ['outputAudio', spoken, sheet.outputAudio],
    ['outputImage', painted, sheet.outputImage],
    ...Object.entries(serverTools ?? {}).map(([name, calls]): [string, number, TieredRate | undefined] => {
      const rate = sheet.serverTools?.[name]
      return [`serverTools.${name}`, calls, rate === undefined ? undefined : { base: rate }]
    }),
  ]
  let numerator = BigInt(sheet.request ?? 0) * 1_000_000n
  const missing: string[] = []
  for (const [name, tokens, known] of charges) {
    if (tokens === 0) continue
    if (known === undefined) missing.push(name)
    const plain = name.startsWith('input') || name.startsWith('cache') ? sheet.input : sheet.output
    const rate = known ?? (name.startsWith('serverTools') ? undefined : plain)
    if (rate === undefined) continue
    const tier = [...(rate.tiers ?? [])].reverse().find(({ above }) => above < input.total)
    numerator += BigInt(tokens) * BigInt(tier?.rate ?? rate.base)
  }
  const whole = numerator / 1_000_000n
  return { nano: numerator % 1_000_000n >= 500_000n ? whole + 1n : whole, missing }
}
