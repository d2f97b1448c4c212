/** Errors keep what can be acted on: the kind, the field, how long to wait, and whose words they are. */
import { describe, expect, it } from 'vitest'
import { Fault, invalidRequest } from '../../model/fault.ts'
import { decodeError, faultCodec } from './faults.ts'

const body = (type: string, message: string) => ({ type: 'error', error: { type, message } })

describe("a provider's error", () => {
  it('names the field at fault as clients know it', () => {
    expect(
      faultCodec.decode(400, body('invalid_request_error', 'messages.1.content.0.text: Field required'), {}),
    ).toMatchObject({
      code: 'provider_rejected',
      status: 400,
      param: 'messages[1].content[0].text',
      message: 'messages.1.content.0.text: Field required',
    })
    expect(faultCodec.decode(422, body('invalid_request_error', 'No way'), {})).toMatchObject({
      status: 422,
      param: undefined,
    })
  })

  it('is a matter of billing when the credit is used up', () => {
    expect(
      faultCodec.decode(
        400,
        body('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
        {},
      ).code,
    ).toBe('provider_billing')
  })

  it('keeps the id of the request, from body or header', () => {
    expect(
      faultCodec.decode(500, { ...body('api_error', 'x'), request_id: 'req_b' }, { 'request-id': 'req_h' }).upstream
        ?.requestId,
    ).toBe('req_b')
    expect(faultCodec.decode(502, 'Bad gateway', { 'request-id': 'req_h' })).toMatchObject({
      message: 'Bad gateway',
      upstream: { requestId: 'req_h' },
    })
  })

  it('counts from the date of the answer where one is given', () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }
    expect(faultCodec.decode(429, {}, headers).retryAfterMs).toBe(30_000)
  })

  it('within an answer of status 200 has the status that its kind always has', () => {
    expect(decodeError(body('overloaded_error', 'Overloaded'))).toMatchObject({
      code: 'provider_overloaded',
      upstream: { status: 529 },
    })
    expect(decodeError(body('new_error', 'New'))).toMatchObject({ code: 'provider_error', message: 'New' })
    expect(decodeError(null)).toMatchObject({ code: 'provider_error' })
  })

  it('of endless text is cut short', () => {
    expect(faultCodec.decode(502, 'x'.repeat(10_000), {}).message.length).toBeLessThan(1000)
  })
})

describe("an error of the gateway's own", () => {
  it('begins with the field at fault, and has our code where clients look for a finer one', () => {
    expect(faultCodec.encode(invalidRequest('max_tokens', 'must be a number.'), 'req_1')).toEqual({
      status: 400,
      json: {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'max_tokens: must be a number.',
          details: { error_code: 'invalid_request' },
        },
        request_id: 'req_1',
      },
    })
    expect(
      JSON.stringify(faultCodec.encode(invalidRequest('max_tokens', 'max_tokens must be a number.'), 'r').json),
    ).toContain('"max_tokens must')
  })

  it.each([
    ['invalid_key', 'authentication_error'],
    ['budget_exceeded', 'billing_error'],
    ['model_not_allowed', 'permission_error'],
    ['model_not_found', 'not_found_error'],
    ['method_not_allowed', 'invalid_request_error'],
    ['body_too_large', 'request_too_large'],
    ['rate_limited', 'rate_limit_error'],
    ['request_timeout', 'timeout_error'],
    ['internal_error', 'api_error'],
    ['provider_authentication', 'api_error'],
    ['overloaded', 'overloaded_error'],
    ['deadline_exceeded', 'timeout_error'],
  ] as const)('of code %s is a %s', (code, type) => {
    expect(faultCodec.encode(new Fault(code, 'm'), 'r').json).toMatchObject({ error: { type } })
  })

  it("has another protocol's words translated, and its code kept", () => {
    const fault = new Fault('provider_rate_limited', 'Slow', {
      upstream: { status: 429, type: 'tokens', code: 'rate_limit_exceeded' },
    })
    expect(faultCodec.encode(fault, 'r').json).toMatchObject({
      error: { type: 'rate_limit_error', details: { error_code: 'rate_limit_exceeded' } },
    })
  })
})
