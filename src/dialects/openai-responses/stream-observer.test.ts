/** What the gateway adds to a passed-through stream counts on from the stream's own events, wherever that was cut. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import { ResponseStreamObserver } from './stream-observer.ts'

it('an error that ends a stream has the next number, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(), { maxLength: 6 }), (count, cuts) => {
      const events = Array.from({ length: count }, (_, number) => {
        const delta = number % 2 === 0 ? 'x' : 'says \\"sequence_number\\":99 '
        return `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"${delta}","sequence_number":${number}}\n\n`
      })
      const bytes = Buffer.from(events.join(''))
      const at = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
      const observer = new ResponseStreamObserver()
      for (const [index, end] of at.slice(1).entries()) observer.push(bytes.subarray(at[index], end))
      expect(observer.fault(new Fault('provider_cut', 'Gone.'))).toContain(`"sequence_number":${count}`)
    }),
  )
})

it('an error before any event has the first number', () => {
  expect(new ResponseStreamObserver().fault(new Fault('provider_cut', 'Gone.'))).toContain('"sequence_number":0')
})
