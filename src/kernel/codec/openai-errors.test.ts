/** Codes are codes, whatever a service puts in their place. */
import { expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import { openaiError } from './openai-errors.ts'

it.each<[string | undefined, string | undefined, string | null]>([
  ['content_filter', undefined, 'content_filter'],
  ['I cannot draw this, because "x".', undefined, 'provider_rejected'],
  ['Content Moderated', 'invalid_request_error', 'provider_rejected'],
  [undefined, 'invalid_request_error', null],
  [undefined, undefined, 'provider_rejected'],
])('the code %j of an error of type %j is told as %j', (code, type, told) => {
  const upstream = { provider: 'p', ...(code !== undefined && { code }), ...(type !== undefined && { type }) }
  expect(openaiError(new Fault('provider_rejected', 'No.', { upstream })).code).toBe(told)
})
