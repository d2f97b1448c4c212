/** Refusals in words of the kind that services use; none is a recorded answer. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import { refusalReason } from './refusal-reason.ts'

const rejected = (message: string, code?: string): Fault =>
  new Fault('provider_rejected', message, code === undefined ? {} : { upstream: { code } })

describe('a refusal', () => {
  it.each([
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130010 tokens.",
      undefined,
    ],
    ['no', 'context_length_exceeded'],
    ['prompt is too long: 215000 tokens > 200000 maximum', undefined],
    ['input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000', undefined],
    ['The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', undefined],
    ['Input is too long for requested model.', undefined],
    ['Your input exceeds the context window of this model.', undefined],
    ['the request exceeds the available context size, try increasing it', 'exceed_context_size_error'],
    ['Please reduce the length of the messages or completion.', undefined],
  ])('for its length is one: %s', (message, code) => {
    expect(refusalReason(rejected(message, code))).toBe('context_window')
  })

  it.each([
    ['no', 'content_filter'],
    ['no', 'content_policy_violation'],
    ['no', 'image_content_policy_violation'],
    ['no', 'DataInspectionFailed'],
    ["The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", undefined],
    ['Output blocked by content filtering policy', undefined],
    ['Your request was rejected as a result of our safety system.', undefined],
  ])('by a filter is one: %s', (message, code) => {
    expect(refusalReason(rejected(message, code))).toBe('content_policy')
  })

  it.each([
    ['`temperature` must be at most 2.'],
    ['max_tokens is too large: 200000. This model supports at most 16384 completion tokens.'],
    ['messages: at least one message is required'],
    ['Invalid value for `content`: expected a string.'],
  ])('for anything else is none: %s', (message) => {
    expect(refusalReason(rejected(message))).toBeUndefined()
  })

  it('is no failure of another kind', () => {
    expect(refusalReason(new Fault('provider_error', 'maximum context length'))).toBeUndefined()
  })
})
