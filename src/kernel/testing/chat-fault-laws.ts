/** The laws of a dialect's fault codec: every code of the catalogue can be said, as an answer and within a stream, and read back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from './depth.ts'
import { Fault, faultCatalogue } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import type { ChatDialect } from '../dialect.ts'

const codes = Object.keys(faultCatalogue) as FaultCode[]

const expectedCodes: readonly (readonly [status: number, code: FaultCode])[] = [
  [400, 'provider_rejected'],
  [401, 'provider_authentication'],
  [402, 'provider_billing'],
  [403, 'provider_authentication'],
  [404, 'provider_not_found'],
  [408, 'provider_timeout'],
  [413, 'provider_rejected'],
  [422, 'provider_rejected'],
  [429, 'provider_rate_limited'],
  [500, 'provider_error'],
  [502, 'provider_error'],
  [503, 'provider_overloaded'],
  [504, 'provider_timeout'],
  [529, 'provider_overloaded'],
]

/** Of whatever operation: the laws are the same. */
export function describeChatFaults(dialect: Pick<ChatDialect, 'fault' | 'stream'>): void {
  describe('faults', () => {
    it.each(codes)('says %s with its status and message', (code) => {
      const { status, json } = dialect.fault.encode(new Fault(code, 'What to do about "it".'), 'req_kit')
      expect(status).toBe(faultCatalogue[code].status)
      expect(JSON.stringify(json)).toContain('What to do about')
      const decoded = dialect.fault.decode(status, JSON.parse(JSON.stringify(json)), {})
      expect(decoded.message).toContain('What to do about "it".')
    })

    it.each(expectedCodes)('takes a bare status %i for %s', (status, code) => {
      for (const body of ['', '<html>no</html>', null, undefined, {}, [], { error: null }])
        expect(dialect.fault.decode(status, body, {}).code).toBe(code)
    })

    it('never throws on a body, and always has a message', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 300, max: 599 }),
          fc.oneof(fc.jsonValue(), fc.string(), fc.record({ error: fc.jsonValue(), type: fc.jsonValue() })),
          (status, body) => {
            const fault = dialect.fault.decode(status, body, {})
            expect(fault.code).toMatch(/^provider_/)
            expect(fault.message).not.toBe('')
            expect(fault.upstream?.status).toBe(status)
          },
        ),
        { numRuns: runs(200) },
      )
    })

    it('reads how long to wait, in every spelling', () => {
      const wait = (headers: Record<string, string>): number | undefined =>
        dialect.fault.decode(429, {}, headers).retryAfterMs
      expect(wait({ 'retry-after': '3' })).toBe(3000)
      expect(wait({ 'retry-after-ms': '250', 'retry-after': '9' })).toBe(250)
      expect(wait({})).toBeUndefined()
      expect(wait({ 'retry-after': 'soon' })).toBeUndefined()
      expect(wait({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(0)
    })

    const { stream } = dialect
    if (stream === undefined) return

    it.each(codes)('says %s within a stream, where decoder and observer find it', (code) => {
      const event = stream.fault(new Fault(code, 'Broke\noff "here".'))
      const decoder = stream.decoder()
      const events = [...decoder.push(Buffer.from(event)), ...decoder.end()]
      const last = events.at(-1)
      expect(last?.type === 'error' && last.fault.message).toBe('Broke\noff "here".')
      const observer = stream.observer({ withholdUsage: false })
      observer.push(Buffer.from(event))
      expect(observer.facts().fault?.message).toBe('Broke\noff "here".')
      expect(observer.facts().complete).toBe(false)
    })

    it('takes a stream that ends before its time for cut off, and one that is not of the protocol for malformed', () => {
      const empty = stream.decoder()
      const nothing = stream.framing === 'sse' ? ': nothing\n\n' : ''
      expect([...empty.push(Buffer.from(nothing)), ...empty.end()].at(-1)).toMatchObject({
        type: 'error',
        fault: { code: 'provider_cut' },
      })
      for (const junk of ['{"cut', '[1]', '<html>', '7']) {
        const bad = stream.framing === 'sse' ? `data: ${junk}\n\n` : `${junk}\n`.padEnd(16, '\n')
        const decoder = stream.decoder()
        const events = [...decoder.push(Buffer.from(bad + bad)), ...decoder.push(Buffer.from(bad)), ...decoder.end()]
        expect(events, `after ${bad}`).toHaveLength(1)
        expect(events[0], `after ${bad}`).toMatchObject({ type: 'error', fault: { code: 'provider_malformed' } })
      }
    })
  })
}
