/** Counts follow one convention on the inside: cached input is part of the input's total. */
import { describe, expect, it } from 'vitest'
import type { Loss } from '../../model/loss.ts'
import { decodeTier, decodeUsage, encodeUsage, mergeUsage } from './usage.ts'

describe('usage', () => {
  it('adds cached input to the total', () => {
    const raw = {
      input_tokens: 5,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 200,
      cache_creation: { ephemeral_1h_input_tokens: 150 },
      output_tokens: 7,
    }
    expect(decodeUsage(raw)).toEqual({
      input: { total: 235, cacheRead: 30, cacheWrite: 200, cacheWrite1h: 150 },
      output: { total: 7 },
      raw: { 'anthropic-messages': raw },
    })
  })

  it('makes counts of counts alone', () => {
    expect(
      decodeUsage({
        input_tokens: '5',
        output_tokens: -1,
        cache_read_input_tokens: null,
        server_tool_use: { web_search_requests: 1, x: 'y' },
      }),
    ).toMatchObject({
      input: { total: 0 },
      output: { total: 0 },
      serverTools: { web_search_requests: 1 },
    })
    expect(decodeUsage(null)).toBeUndefined()
  })

  it('takes cached input out of the total again', () => {
    expect(
      encodeUsage(
        {
          input: { total: 235, cacheRead: 30, cacheWrite: 200, cacheWrite1h: 150 },
          output: { total: 7, reasoning: 3 },
        },
        'default',
        [],
      ),
    ).toEqual({
      input_tokens: 5,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 200,
      cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 150 },
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 3 },
      service_tier: 'standard',
    })
  })

  it('is never below nothing', () => {
    expect(encodeUsage({ input: { total: 1, cacheRead: 5 }, output: { total: 0 } }, undefined, [])).toMatchObject({
      input_tokens: 0,
    })
  })

  it('reports what is not counted here', () => {
    const lost: Loss[] = []
    encodeUsage({ input: { total: 1, audio: 1 }, output: { total: 1, image: 1 } }, 'flex', lost)
    expect(lost.map(({ path }) => path).toSorted()).toEqual(['service_tier', 'usage.input.audio', 'usage.output.image'])
  })

  it('of a stream keeps what was told first and is null later', () => {
    expect(
      mergeUsage({ input_tokens: 5, output_tokens: 1 }, { input_tokens: null, output_tokens: 9, x: null }),
    ).toEqual({ input_tokens: 5, output_tokens: 9, x: null })
  })

  it('names the usual tier as others do', () => {
    expect([
      decodeTier({ service_tier: 'standard' }),
      decodeTier({ service_tier: 'priority' }),
      decodeTier({ service_tier: null }),
    ]).toEqual(['default', 'priority', undefined])
  })
})
