/** Errors of services that speak this dialect in accents of their own, and the gateway's own in OpenAI's words. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import { openaiChat } from './index.ts'

const { fault: codec } = openaiChat

describe("a provider's error", () => {
  it.each<[string, number, unknown, string, string]>([
    [
      "Mistral's flat object",
      422,
      { object: 'error', message: 'Bad role', type: 'invalid_request_error', code: '3230' },
      'provider_rejected',
      'Bad role',
    ],
    [
      "FastAPI's detail",
      422,
      { detail: [{ loc: ['body'], msg: 'field required' }] },
      'provider_rejected',
      '[{"loc":["body"],"msg":"field required"}]',
    ],
    [
      "Gemini's list",
      400,
      [{ error: { code: 400, message: 'Invalid', status: 'INVALID_ARGUMENT' } }],
      'provider_rejected',
      'Invalid',
    ],
    ['an error of text', 500, { error: 'model crashed' }, 'provider_error', 'model crashed'],
    ['bare text', 502, 'bad gateway', 'provider_error', 'bad gateway'],
    ['a page', 502, '<html>bad</html>', 'provider_error', 'The provider answered with status 502 and no message.'],
    [
      'quota spent',
      429,
      { error: { message: 'Quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'provider_billing',
      'Quota',
    ],
    [
      'credit spent',
      402,
      { error: { message: 'Insufficient Balance', type: 'unknown_error' } },
      'provider_billing',
      'Insufficient Balance',
    ],
    [
      'a model nobody knows',
      400,
      { error: { message: 'No such model', code: 'model_not_found' } },
      'provider_not_found',
      'No such model',
    ],
    ['a service that is full', 429, { error: { message: 'Full', code: 'slow_down' } }, 'provider_overloaded', 'Full'],
    [
      'a server that is full',
      500,
      { error: { message: 'Full', type: 'overloaded_error' } },
      'provider_overloaded',
      'Full',
    ],
  ])('is understood as %s', (_, status, body, code, message) => {
    expect(codec.decode(status, body, { 'x-request-id': 'req_1' })).toMatchObject({
      code,
      message,
      upstream: { status, requestId: 'req_1' },
    })
  })

  it("keeps the status of the client's own mistake, and hides that the gateway's credential failed", () => {
    expect(codec.decode(413, {}, {}).status).toBe(413)
    expect(codec.decode(422, {}, {}).status).toBe(422)
    expect(codec.decode(401, {}, {}).status).toBe(502)
    expect(codec.decode(402, {}, {}).status).toBe(502)
  })

  it('counts a date to wait for from the date of the answer', () => {
    const headers = { 'retry-after': 'Tue, 01 Jul 2025 00:00:30 GMT', date: 'Tue, 01 Jul 2025 00:00:00 GMT' }
    expect(codec.decode(429, {}, headers).retryAfterMs).toBe(30_000)
  })
})

describe("the gateway's own fault", () => {
  it.each([
    ['invalid_key', 401, 'authentication_error', 'invalid_api_key'],
    ['missing_key', 401, 'authentication_error', 'missing_key'],
    ['model_not_allowed', 403, 'permission_error', 'model_not_allowed'],
    ['model_not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['rate_limited', 429, 'rate_limit_exceeded', 'rate_limited'],
    ['budget_exceeded', 402, 'insufficient_quota', 'budget_exceeded'],
    ['invalid_request', 400, 'invalid_request_error', 'invalid_request'],
    ['provider_unreachable', 502, 'server_error', 'provider_unreachable'],
  ] as const)('%s is said with status %i as %s', (code, status, type, word) => {
    expect(codec.encode(new Fault(code, 'Do this.', { param: 'p' }), 'req')).toEqual({
      status,
      json: { error: { message: 'Do this.', type, param: 'p', code: word } },
    })
  })

  it("says what Anthropic's, Google's and AWS's words mean, and quotes those of services that speak this dialect", () => {
    const from = (type: string, code?: string): unknown =>
      codec.encode(
        new Fault('provider_overloaded', 'm', { upstream: { type, ...(code !== undefined && { code }) } }),
        'r',
      ).json
    expect(from('overloaded_error')).toEqual({
      error: { message: 'm', type: 'server_error', param: null, code: 'provider_overloaded' },
    })
    expect(from('ThrottlingException')).toMatchObject({ error: { type: 'server_error', code: 'provider_overloaded' } })
    expect(from('UNAVAILABLE', 'RATE_LIMIT_EXCEEDED')).toMatchObject({
      error: { type: 'server_error', code: 'provider_overloaded' },
    })
    expect(from('engine_overloaded')).toEqual({
      error: { message: 'm', type: 'engine_overloaded', param: null, code: null },
    })
  })
})
