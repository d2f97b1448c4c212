/** A flag of V8 is set where it is known, and nowhere else: V8 would complain of it on standard error. */
import { expect, it } from 'vitest'
import { tuneCollector } from './tune-collector.ts'

it('tells only the V8 that is known to understand', () => {
  expect(tuneCollector()).toBe(process.versions.v8.startsWith('14.6.'))
  expect(tuneCollector('13.6.233.17-node.40')).toBe(false)
  expect(tuneCollector('15.0.1-node.1')).toBe(false)
})
