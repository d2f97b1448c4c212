/**
 * Prices that the price data lacks, as corrections laid over what it has. A correction never replaces a price that the data knows,
 * so that it falls silent by itself when the data catches up. Each names the page it is from and when that was read.
 */
import type { PriceSheet } from '../../model/price.ts'
import type { AddedModel } from './added-model.ts'
import { paintedModels } from './picture-prices.ts'
import { multiplyRate, usdPerMillion, usdPerThousand } from './rates.ts'

export interface Correction {
  /** Ids of the price data's providers. */
  readonly providers: readonly string[]
  readonly models: RegExp
  readonly source: string
  /** ISO date. */
  readonly checked: string
  /** What to add to the sheet; members that it has already are ignored. */
  readonly add: (sheet: PriceSheet) => Partial<PriceSheet>
}

export const corrections: readonly Correction[] = [
  {
    providers: ['anthropic', 'aws', 'google', 'azure', 'openrouter', 'github-copilot'],
    models: /claude/i,
    source: 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing',
    checked: '2026-11-20',
    // Cache writes of one hour cost twice the base input price, also where others host the model:
    // https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/prompt-caching#pricing
    add: ({ input, cacheWrite }) =>
      input === undefined || cacheWrite === undefined ? {} : { cacheWrite1h: multiplyRate(input, 2) },
  },
  {
    providers: ['anthropic'],
    models: /claude/i,
    source: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool#usage-and-pricing',
    checked: '2026-11-20',
    // Fetching pages is charged as the tokens it brings in, and as nothing else.
    add: () => ({ serverTools: { web_fetch_requests: 0 } }),
  },
  {
    providers: ['anthropic'],
    models: /claude/i,
    source: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#usage-and-pricing',
    checked: '2026-11-20',
    add: () => ({ serverTools: { web_search_requests: usdPerThousand(10) } }),
  },
  {
    providers: ['openai', 'azure'],
    models: /^gpt-4o-audio-preview/,
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-audio-preview',
    checked: '2026-11-20',
    add: () => ({ inputAudio: { base: usdPerMillion(40) }, outputAudio: { base: usdPerMillion(80) } }),
  },
  {
    providers: ['openai', 'azure'],
    models: /^gpt-4o-mini-audio/,
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-mini-audio-preview',
    checked: '2026-11-20',
    add: () => ({ inputAudio: { base: usdPerMillion(10) }, outputAudio: { base: usdPerMillion(20) } }),
  },
  {
    providers: ['openai', 'azure'],
    models: /^gpt-image-/,
    source: 'https://developers.openai.com/api/docs/pricing',
    checked: '2026-11-27',
    // Some of these models write pictures alone: the price of what they write is the price of those.
    add: ({ output }) => (output === undefined ? {} : { outputImage: output }),
  },
]

/** Models that the data does not have, or has without a price. */
export const added: readonly AddedModel[] = [
  {
    providers: ['openai', 'azure'],
    models: /^tts-1(?:-1106)?$/,
    source: 'https://developers.openai.com/api/docs/models/tts-1',
    checked: '2026-11-27',
    prices: { units: { characters: usdPerMillion(15) } },
  },
  {
    providers: ['openai', 'azure'],
    models: /^tts-1-hd(?:-1106)?$/,
    source: 'https://developers.openai.com/api/docs/models/tts-1',
    checked: '2026-11-27',
    prices: { units: { characters: usdPerMillion(30) } },
  },
  ...paintedModels,
]

const sheets = new Map(added.map((model) => [model, { ...model.prices, source: model.source }]))

/** The prices of a model that the data does not have. */
export function addedSheet(provider: string, name: string): PriceSheet | undefined {
  const found = added.find(({ providers, models }) => providers.includes(provider) && models.test(name))
  return found && sheets.get(found)
}

/** The sheet with what it lacks. */
export function completeSheet(
  provider: string,
  model: string,
  sheet: PriceSheet,
  from: readonly Correction[] = corrections,
): PriceSheet {
  const fitting = from.filter(({ providers, models }) => providers.includes(provider) && models.test(model))
  return fitting.reduce((known, { add }) => underlay(known, add(known)), sheet)
}

function underlay(known: PriceSheet, added: Partial<PriceSheet>): PriceSheet {
  const serverTools = { ...added.serverTools, ...known.serverTools }
  return Object.assign({}, added, known, Object.keys(serverTools).length > 0 ? { serverTools } : undefined)
}
