/** What Google's errors mean, and how the gateway's own are told. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { gemini } from './index.ts'

const error = (code: number, status: string, message: string, ...details: JsonObject[]): JsonObject => ({
  error: { code, message, status, details },
})
const rpc = (type: string): string => `type.googleapis.com/google.rpc.${type}`
const reason = (word: string): JsonObject => ({ '@type': rpc('ErrorInfo'), reason: word, domain: 'googleapis.com' })

describe('an error of Google', () => {
  it('of an invalid key is one of the credential, though its status is 400', () => {
    const body = error(400, 'INVALID_ARGUMENT', 'API key not valid.', reason('API_KEY_INVALID'))
    expect(gemini.fault.decode(400, body, {})).toMatchObject({
      code: 'provider_authentication',
      upstream: { status: 400, type: 'INVALID_ARGUMENT', code: 'API_KEY_INVALID' },
    })
  })

  it('says how long to wait in its details, unless a header does', () => {
    const quota = { '@type': rpc('QuotaFailure'), violations: [{ quotaId: 'PerMinute' }] }
    const body = error(429, 'RESOURCE_EXHAUSTED', 'Quota.', quota, { '@type': rpc('RetryInfo'), retryDelay: '34.4s' })
    expect(gemini.fault.decode(429, body, {})).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 34_400 })
    expect(gemini.fault.decode(429, body, { 'retry-after': '2' }).retryAfterMs).toBe(2000)
  })

  it.each<[number, JsonObject, string]>([
    [400, error(400, 'FAILED_PRECONDITION', 'Please enable billing on your project.'), 'provider_billing'],
    [400, error(400, 'FAILED_PRECONDITION', 'User location is not supported.'), 'provider_rejected'],
    [403, error(403, 'PERMISSION_DENIED', 'Billing.', reason('BILLING_DISABLED')), 'provider_billing'],
    [429, error(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.'), 'provider_billing'],
    [429, error(429, 'RESOURCE_EXHAUSTED', 'Check your plan and billing details.'), 'provider_rate_limited'],
    [404, error(404, 'NOT_FOUND', 'models/x is not found'), 'provider_not_found'],
    [499, error(499, 'CANCELLED', 'Cancelled.'), 'provider_error'],
    [500, error(500, 'INTERNAL', 'Internal.'), 'provider_error'],
    [503, error(503, 'UNAVAILABLE', 'Overloaded.'), 'provider_overloaded'],
    [504, error(504, 'DEADLINE_EXCEEDED', 'Deadline.'), 'provider_timeout'],
  ])('with status %i and %j is %s', (status, body, code) => {
    expect(gemini.fault.decode(status, body, {}).code).toBe(code)
    expect(gemini.fault.decode(status, [body], {}).code).toBe(code)
  })

  it('names the field at fault', () => {
    const detail = { '@type': rpc('BadRequest'), fieldViolations: [{ field: 'contents[0].role', description: 'No.' }] }
    expect(gemini.fault.decode(400, error(400, 'INVALID_ARGUMENT', 'No.', detail), {})).toMatchObject({
      code: 'provider_rejected',
      param: 'contents[0].role',
      status: 400,
    })
  })
})

describe('a fault of the gateway', () => {
  it.each<[Fault, number, string]>([
    [new Fault('invalid_request', 'No.', { param: 'contents' }), 400, 'INVALID_ARGUMENT'],
    [new Fault('invalid_key', 'No.'), 401, 'UNAUTHENTICATED'],
    [new Fault('budget_exceeded', 'No.'), 402, 'FAILED_PRECONDITION'],
    [new Fault('model_not_allowed', 'No.'), 403, 'PERMISSION_DENIED'],
    [new Fault('model_not_found', 'No.'), 404, 'NOT_FOUND'],
    [new Fault('rate_limited', 'No.', { retryAfterMs: 1500 }), 429, 'RESOURCE_EXHAUSTED'],
    [new Fault('internal_error', 'No.'), 500, 'INTERNAL'],
    [new Fault('provider_overloaded', 'No.'), 503, 'UNAVAILABLE'],
    [new Fault('deadline_exceeded', 'No.'), 504, 'DEADLINE_EXCEEDED'],
  ])('is told in words of Google: %s', (fault, status, word) => {
    const encoded = gemini.fault.encode(fault, 'req')
    expect(encoded).toMatchObject({ status, json: { error: { code: status, status: word, message: 'No.' } } })
    expect(JSON.stringify(encoded.json)).toContain(`"reason":"${fault.code.toUpperCase()}","domain":"sluicegate"`)
    const again = gemini.fault.decode(status, encoded.json, {})
    expect(again.param).toBe(fault.param)
    expect(again.retryAfterMs).toBe(fault.retryAfterMs)
  })
})
