/** Where things are, which area holds there, and how far that is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cloudRegions } from './cloud-regions.ts'
import { distanceBetween, holds, keeps, placeOf, residencyText } from './place.ts'

describe('a place', () => {
  it.each([
    ['eu-central-1', 'eu', true],
    ['eu-west-2', 'eu', false],
    ['eu-west-2', 'europe', true],
    ['eu-central-2', 'eu', false],
    ['norwayeast', 'eu', false],
    ['norwayeast', 'eea', true],
    ['westeurope', 'eea', true],
    ['us-east5', 'us', true],
    ['us', 'us', true],
    ['eu', 'eu-central-1', false],
    ['china', 'cn', true],
    ['europe', 'eu', false],
    ['global', 'eu', false],
    ['eu-central-1', 'eu-central-1', true],
    ['constructor', 'constructor', true],
    ['__proto__', 'eu', false],
  ])('%s is within %s: %s', (region, name, within) => {
    expect(holds(name, placeOf(region))).toBe(within)
  })

  it('is what the configuration declares before what is known', () => {
    const declared = new Map([['eu-central-1', { area: 'us' }]])
    expect(placeOf('eu-central-1', declared)).toEqual({ region: 'eu-central-1', area: 'us' })
  })
})

describe('policies', () => {
  it('have all to be kept, each by any of its names', () => {
    const place = placeOf('uksouth')
    expect(keeps([['eu', 'uk'], ['europe']], place)).toBe(true)
    expect(keeps([['eu', 'uk'], ['eu']], place)).toBe(false)
    expect(keeps([], undefined)).toBe(true)
    expect(keeps([['eu']], undefined)).toBe(false)
    expect(residencyText([['eu', 'uk'], ['europe']])).toBe('eu or uk, and europe')
  })

  it('allow less, and never more, with every one that is added', () => {
    const names = fc.subarray(['eu', 'eea', 'uk', 'us', 'europe', 'eu-west-1'], { minLength: 1 })
    fc.assert(
      fc.property(fc.array(names), names, fc.constantFrom(...Object.keys(cloudRegions)), (policies, more, region) => {
        const place = placeOf(region)
        if (keeps([...policies, more], place)) expect(keeps(policies, place)).toBe(true)
      }),
    )
  })
})

describe('distance', () => {
  const somewhere = fc.tuple(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: -180, max: 180, noNaN: true }),
  )

  it('is the same both ways, nothing to oneself, and never beyond half the earth', () => {
    fc.assert(
      fc.property(somewhere, somewhere, (here, there) => {
        const far = distanceBetween(here, there)
        expect(far).toBeCloseTo(distanceBetween(there, here), 6)
        expect(far).toBeGreaterThanOrEqual(0)
        expect(far).toBeLessThanOrEqual(20_020)
        expect(distanceBetween(here, here)).toBe(0)
      }),
    )
  })

  it('is right for what can be looked up', () => {
    expect(distanceBetween([50.1, 8.7], [39, -77.5])).toBeGreaterThan(6400)
    expect(distanceBetween([50.1, 8.7], [39, -77.5])).toBeLessThan(6700)
  })
})
