/** Prices of real models, as the price data and the corrections to it have them; names, times of day and dates as in the data. */
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import { costOf, worstCaseCost } from '../../model/cost.ts'
import { imageKindOf } from '../../model/image.ts'
import type { PriceSheet } from '../../model/price.ts'
import { added, completeSheet, corrections } from './overlay.ts'
import { openPriceCatalog, priceCatalog } from './price-catalog.ts'

const catalog = await openPriceCatalog()
const at = Date.UTC(2026, 10, 20, 12)
const usd = (dollars: number): number => Math.round(dollars * 1e9)

function sheet(provider: string, model: string, when = at): PriceSheet {
  const found = catalog.priceOf(provider, model, when)
  if (found === undefined) throw new Error(`no price of ${provider}/${model}`)
  return found
}

describe('price catalogue', () => {
  it('knows input, cached and output tokens, and the tools that are charged by the call', () => {
    expect(sheet('openai', 'gpt-4o')).toEqual({
      source: 'genai-prices openai/gpt-4o',
      input: { base: usd(2.5) },
      cacheRead: { base: usd(1.25) },
      output: { base: usd(10) },
      serverTools: { web_search_requests: usd(10_000), file_search_requests: usd(2500) },
    })
  })

  it('knows tiers, for every dimension they apply to', () => {
    expect(sheet('google', 'gemini-2.5-pro')).toMatchObject({
      input: { base: usd(1.25), tiers: [{ above: 200_000, rate: usd(2.5) }] },
      cacheRead: { base: usd(0.125), tiers: [{ above: 200_000, rate: usd(0.25) }] },
      output: { base: usd(10), tiers: [{ above: 200_000, rate: usd(15) }] },
    })
  })

  it('knows audio and image tokens, requests, and reasoning where it has a price of its own', () => {
    expect(sheet('google', 'gemini-2.5-flash').inputAudio).toEqual({ base: usd(1) })
    expect(sheet('google', 'gemini-2.5-flash-image').outputImage).toEqual({ base: usd(30) })
    expect(sheet('perplexity', 'sonar').request).toBe(usd(0.012))
    expect(sheet('perplexity', 'sonar-deep-research').reasoning).toEqual({ base: usd(3) })
  })

  it('knows cache writes of one hour, from the data or as twice the input price, wherever Claude is served', () => {
    expect(sheet('anthropic', 'claude-sonnet-4-5').cacheWrite1h).toEqual({
      base: usd(6),
      tiers: [{ above: 200_000, rate: usd(12) }],
    })
    expect(sheet('google', 'claude-sonnet-4-5').cacheWrite1h).toEqual({
      base: usd(6),
      tiers: [{ above: 200_000, rate: usd(12) }],
    })
    expect(sheet('aws', 'us.anthropic.claude-haiku-4-5-20251001-v1:0').cacheWrite1h).toEqual({ base: usd(2.2) })
    expect(sheet('openrouter', 'anthropic/claude-opus-4.5').cacheWrite1h).toEqual({ base: usd(10) })
    expect(sheet('anthropic', 'claude-2').cacheWrite1h).toBeUndefined()
  })

  it('knows audio prices of models that the data prices as text', () => {
    expect(sheet('openai', 'gpt-4o-audio-preview-2025-06-03')).toMatchObject({
      inputAudio: { base: usd(40) },
      outputAudio: { base: usd(80) },
    })
    expect(sheet('azure', 'gpt-4o-mini-audio-preview').outputAudio).toEqual({ base: usd(20) })
  })

  it("charges Anthropic's searches by the call and its fetches not at all", () => {
    expect(sheet('anthropic', 'claude-sonnet-4-6').serverTools).toEqual({
      web_search_requests: usd(10_000),
      web_fetch_requests: 0,
    })
    expect(sheet('anthropic', 'claude-3-haiku-20240307').serverTools).toMatchObject({
      web_search_requests: usd(10_000),
    })
  })

  it('finds a model by any of its names, dated, hosted elsewhere or in capitals', () => {
    expect(sheet('anthropic', 'claude-sonnet-4-5-20250929').source).toBe('genai-prices anthropic/claude-sonnet-4-5')
    expect(sheet('openai', ' GPT-4o ').source).toBe('genai-prices openai/gpt-4o')
    expect(sheet('openai', 'gpt-4o-20240806').source).toBe('genai-prices openai/gpt-4o')
    expect(sheet('azure', 'claude-sonnet-4-5').source).toBe('genai-prices azure/claude-sonnet-4-5')
    expect(sheet('google', 'gemini-2.5-pro-preview-06-05').source).toBe('genai-prices google/gemini-2.5-pro')
    expect(sheet('google', 'gemini-2.5-pro-tts').source).toBe('genai-prices google/gemini-2.5-pro-tts')
  })

  it('knows nothing of what is not in the data, rather than guessing', () => {
    expect(catalog.priceOf('openai', 'gpt-nonesuch', at)).toBeUndefined()
    expect(catalog.priceOf('nobody', 'gpt-4o', at)).toBeUndefined()
    expect(catalog.priceOf('my openai proxy', 'gpt-4o', at)).toBeUndefined()
    expect(catalog.priceOf('openai', '', at)).toBeUndefined()
    expect(catalog.priceOf('openai', 'gpt-4o'.padEnd(100_000, 'o'), at)).toBeUndefined()
  })

  it('does not take a model that speaks for the one that it is named after', () => {
    expect(sheet('google', 'gemini-3.8-flash').source).toContain('gemini-3.8-flash')
    expect(catalog.priceOf('google', 'gemini-3.8-flash-tts', at)).toBeUndefined()
    expect(sheet('google', 'gemini-2.5-flash-preview-tts').source).toContain('tts')
  })

  it('changes prices on the day they change', () => {
    expect(sheet('openai', 'o3', Date.UTC(2025, 5, 9, 23, 59, 59, 999)).output).toEqual({ base: usd(40) })
    expect(sheet('openai', 'o3', Date.UTC(2025, 5, 10)).output).toEqual({ base: usd(8) })
  })

  it('changes prices with the hour of the day, and gives the same sheet for as long as it holds', () => {
    const peak = (hour: number, minute = 0): PriceSheet =>
      sheet('deepseek', 'deepseek-v4-flash', Date.UTC(2026, 10, 20, hour, minute))
    expect(peak(0, 59).input).toEqual({ base: usd(0.22) })
    expect(peak(1).input).toEqual({ base: usd(0.44) })
    expect(peak(3, 59).input).toEqual({ base: usd(0.44) })
    expect(peak(4).input).toEqual({ base: usd(0.22) })
    expect(peak(1)).toBe(peak(2))
    expect(sheet('deepseek', 'deepseek-chat', Date.UTC(2026, 10, 20, 16, 30)).output).toEqual({ base: usd(0.55) })
    expect(sheet('deepseek', 'deepseek-chat', Date.UTC(2026, 10, 20, 0, 30)).output).toEqual({ base: usd(1.1) })
  })

  it('has only whole rates, for every model of every provider of the data', () => {
    const providers =
      'anthropic aws azure cerebras cohere deepseek fireworks google groq mistral moonshotai novita openai openrouter perplexity together x-ai zai'
    let models = 0
    for (const id of providers.split(' ')) {
      for (const model of findProvider({ providerId: id })?.models ?? []) {
        const alone = { id, models: [{ ...model, match: { equals: 'x' } }] }
        const single = priceCatalog((wanted) => (wanted === id ? alone : undefined))
        const priced = single.priceOf(id, 'x', at)
        const numbers = JSON.stringify(priced ?? {}, (key, value: unknown) =>
          key === 'source' ? undefined : value,
        ).match(/[\d.e+-]+(?=[,}\]])/g)
        expect((numbers ?? []).filter((rate) => !Number.isSafeInteger(Number(rate)))).toEqual([])
        models++
      }
    }
    expect(models).toBeGreaterThan(1000)
  })

  it("comes to the same costs as the data's own calculator", () => {
    const cases = [
      ['openai', 'gpt-4o', { input: { total: 5000, cacheRead: 2000 }, output: { total: 700 } }],
      [
        'anthropic',
        'claude-sonnet-4-5',
        { input: { total: 250_000, cacheRead: 1000, cacheWrite: 3000, cacheWrite1h: 1000 }, output: { total: 700 } },
      ],
      ['google', 'gemini-2.5-flash', { input: { total: 9000, audio: 4000 }, output: { total: 1 } }],
      ['x-ai', 'grok-4.20', { input: { total: 200_000 }, output: { total: 10 } }],
      ['groq', 'openai/gpt-oss-20b', { input: { total: 123_457 }, output: { total: 89 } }],
    ] as const
    for (const [provider, model, usage] of cases) {
      const input = usage.input as {
        total: number
        cacheRead?: number
        cacheWrite?: number
        cacheWrite1h?: number
        audio?: number
      }
      const theirs = calcPrice(
        {
          input_tokens: input.total,
          cache_read_tokens: input.cacheRead ?? 0,
          cache_write_tokens: input.cacheWrite ?? 0,
          cache_write_1h_tokens: input.cacheWrite1h ?? 0,
          input_audio_tokens: input.audio ?? 0,
          output_tokens: usage.output.total,
        },
        model,
        { providerId: provider, timestamp: new Date(at) },
      )
      expect(costOf(usage, sheet(provider, model)).total).toBe(Math.round((theirs?.total_price ?? Number.NaN) * 1e9))
    }
  })
})

describe('corrections', () => {
  it('name where they are from and when that was read, if it was', () => {
    for (const { source, checked } of [...corrections, ...added]) {
      expect(URL.canParse(source)).toBe(true)
      if (checked !== undefined) expect(new Date(checked).toISOString().slice(0, 10)).toBe(checked)
    }
  })

  it.each([
    ['openai', 'tts-1', { characters: usd(15) }],
    ['openai', 'tts-1-hd', { characters: usd(30) }],
    ['openai', 'tts-1-hd-1106', { characters: usd(30) }],
    // 0.006 dollars a minute.
    ['openai', 'whisper-1', { audio_ms: usd(0.1) }],
    ['groq', 'whisper-large-v3-turbo', { audio_ms: usd(0.04 / 3.6) }],
  ])('know what %s/%s costs by what is not tokens', (provider, model, units) => {
    expect(sheet(provider, model).units).toEqual(units)
    expect(sheet(provider, model).input).toBeUndefined()
  })

  const images = (provider: string, model: string, kind: { size?: string; quality?: string }) => {
    const nothing = { input: { total: 0 }, output: { total: 0 } }
    const usage = { ...nothing, units: { images: 3 }, unitKinds: { images: imageKindOf(kind) } }
    const cost = costOf(usage, sheet(provider, model))
    return { total: cost.total, missing: cost.missing }
  }

  it.each([
    ['openai', 'dall-e-2', {}, 0.02],
    ['openai', 'dall-e-2', { size: '256x256' }, 0.016],
    ['openai', 'dall-e-3', { size: '1024x1024', quality: 'standard' }, 0.04],
    ['openai', 'dall-e-3', { quality: 'hd' }, 0.08],
    ['openai', 'dall-e-3', { size: '1792x1024', quality: 'hd' }, 0.12],
    ['google', 'imagen-4.0-generate-001', { size: '2K' }, 0.04],
    ['google', 'imagen-4.0-fast-generate-001', {}, 0.02],
    ['google', 'imagen-4.0-ultra-generate-001', {}, 0.06],
    ['aws', 'amazon.nova-canvas-v1:0', {}, 0.04],
    ['aws', 'amazon.nova-canvas-v1:0', { size: '1024x1024', quality: 'premium' }, 0.06],
    ['aws', 'amazon.nova-canvas-v1:0', { size: '1040x512' }, 0.06],
    ['aws', 'amazon.nova-canvas-v1:0', { size: '2048x2048', quality: 'high' }, 0.08],
    ['aws', 'amazon.titan-image-generator-v2:0', { size: '512x512' }, 0.008],
    ['aws', 'amazon.titan-image-generator-v2:0', { size: '512x512', quality: 'hd' }, 0.01],
    ['aws', 'amazon.titan-image-generator-v2:0', { size: '1024x1024', quality: 'hd' }, 0.012],
    ['aws', 'us.stability.sd3-5-large-v1:0', {}, 0.08],
    ['stability', 'ultra', {}, 0.08],
    ['stability', 'sd3.5-large-turbo', { size: '1024x1024' }, 0.04],
    ['stability', 'stable-image-inpaint', {}, 0.05],
    ['stability', 'conservative', {}, 0.4],
    ['black-forest-labs', 'flux-pro-1.0-fill', {}, 0.05],
    ['black-forest-labs', 'flux-pro-1.1', { size: '1440x1440' }, 0.04],
    ['fireworks', 'accounts/fireworks/models/flux-kontext-max', {}, 0.08],
  ])('know what a picture of %s/%s costs that is %o', (provider, model, kind, usdEach) => {
    expect(images(provider, model, kind)).toEqual({ total: 3 * usd(usdEach), missing: undefined })
  })

  it.each([
    ['openai', 'dall-e-3', {}, 0.12],
    ['openai', 'dall-e-3', { size: '1024x1024' }, 0.08],
    ['aws', 'amazon.nova-canvas-v1:0', {}, 0.08],
    ['aws', 'amazon.nova-canvas-v1:0', { size: '1024x1024', quality: 'standard' }, 0.04],
  ])('hold for a picture of %s/%s that is %o the most that it can cost', (provider, model, kind, usdEach) => {
    const options = { units: { images: 1 }, unitKinds: { images: imageKindOf(kind) } }
    expect(worstCaseCost(0, 0, 1, sheet(provider, model), options).total).toBe(usd(usdEach))
  })

  it('add no model that the data has', () => {
    for (const { providers, models } of added)
      for (const provider of providers)
        for (const name of catalog.modelsOf(provider)) expect(models.test(name), `${provider}/${name}`).toBe(false)
    expect(catalog.priceOf('groq', 'tts-1', at)).toBeUndefined()
  })

  it('never replace a price that the data has', () => {
    const known = {
      source: 'data',
      input: { base: 5 },
      cacheWrite: { base: 6 },
      cacheWrite1h: { base: 7 },
      serverTools: { web_search_requests: 8 },
    }
    expect(completeSheet('anthropic', 'claude-x', known)).toEqual({
      ...known,
      serverTools: { web_search_requests: 8, web_fetch_requests: 0 },
    })
    expect(completeSheet('openai', 'gpt-4o', known)).toBe(known)
  })
})
