/**
 * Prices of pictures, which are paid for one by one: by their size and quality where the service says so. Sizes are told as they are asked for,
 * `1024x1024`, and by their longest side in thousands of pixels, `1K`.
 */
import type { AddedModel } from './added-model.ts'
import { usdPerMillion } from './rates.ts'

type Priced = Readonly<Record<string, number>>

/** The price of a picture, and of those of other sizes and qualities; in dollars. */
function picture(usd: number, others: Priced = {}): Record<string, number> {
  const of = (price: number): number => usdPerMillion(price * 1_000_000)
  return {
    images: of(usd),
    ...Object.fromEntries(Object.entries(others).map(([kind, price]) => [`images:${kind}`, of(price)])),
  }
}

/** Clients have several words for what costs more. */
const better = (kind: string, usd: number): Priced =>
  Object.fromEntries(['premium', 'hd', 'high'].map((word) => [kind === '' ? word : `${kind}:${word}`, usd]))

/** Of Titan's sizes those that are billed as small ones. */
const small = ['512x512', '384x576', '576x384', '384x640', '640x384', '448x576', '576x448', '320x704', '704x320']

/** The day on which they were compared with their source. Those without one were not, because it could not be read: set `prices` where they matter. */
const checked = '2026-11-27'

/** What the price data is made from as well, version 1.110.2: not the provider's own word. */
const litellm = 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json'

const pages = {
  openai: { providers: ['openai', 'azure'], source: 'https://developers.openai.com/api/docs/pricing' },
  imagen4: { providers: ['google'], source: 'https://cloud.google.com/vertex-ai/generative-ai/pricing' },
  imagen3: { providers: ['google'], source: litellm, checked },
  canvas: { providers: ['aws'], source: 'https://aws.amazon.com/bedrock/pricing/' },
  aws: { providers: ['aws'], source: litellm, checked },
  stability: { providers: ['stability'], source: litellm, checked },
  stabilityTools: { providers: ['stability'], source: 'https://stability.ai/api-pricing-update-25', checked },
  bfl: {
    providers: ['black-forest-labs'],
    source: 'https://github.com/black-forest-labs/skills/blob/main/skills/bfl-api/SKILL.md',
    checked,
  },
  olderFlux: { providers: ['black-forest-labs'], source: litellm, checked },
  fireworks: { providers: ['fireworks'], source: 'https://fireworks.ai/pricing' },
} as const

function of(page: keyof typeof pages, models: RegExp, units: Readonly<Record<string, number>>): AddedModel {
  return { ...pages[page], models, prices: { units } }
}

export const paintedModels: readonly AddedModel[] = [
  of('openai', /^dall-e-2$/, picture(0.02, { '256x256': 0.016, '512x512': 0.018 })),
  of(
    'openai',
    /^(?:dall-e-3|dalle3|Dalle3)$/,
    picture(0.04, {
      hd: 0.08,
      '1024x1792': 0.08,
      '1792x1024': 0.08,
      '1024x1792:hd': 0.12,
      '1792x1024:hd': 0.12,
    }),
  ),
  of('imagen4', /^imagen-4\.0-fast-/, picture(0.02)),
  of('imagen4', /^imagen-4\.0-ultra-/, picture(0.06)),
  of('imagen4', /^imagen-4\.0-generate-/, picture(0.04)),
  of('imagen3', /^imagen-3\.0-fast-/, picture(0.02)),
  of('imagen3', /^imagen-3\.0-(?:generate|capability)-/, picture(0.04)),
  of(
    'canvas',
    /nova-canvas/,
    picture(0.04, { ...better('', 0.06), '2K': 0.06, ...better('2K', 0.08), '4K': 0.06, ...better('4K', 0.08) }),
  ),
  of(
    'aws',
    /titan-image-generator/,
    picture(0.01, {
      ...better('', 0.012),
      ...Object.fromEntries(small.flatMap((size) => [[size, 0.008], ...Object.entries(better(size, 0.01))])),
    }),
  ),
  of('aws', /stability\.sd3-5-large/, picture(0.08)),
  of('aws', /stability\.stable-image-core/, picture(0.04)),
  of('aws', /stability\.stable-image-ultra/, picture(0.14)),
  of('stability', /^(?:stable-image-)?ultra$/, picture(0.08)),
  of('stability', /^(?:stable-image-)?core$/, picture(0.03)),
  of('stability', /^sd3(?:\.5)?-large$/, picture(0.065)),
  of('stability', /^sd3(?:\.5)?-large-turbo$/, picture(0.04)),
  of('stability', /^sd3(?:\.5)?-medium$/, picture(0.035)),
  of('stabilityTools', /^(?:stable-image-)?(?:inpaint|erase|remove-background|sketch|structure|style)$/, picture(0.05)),
  of('stabilityTools', /^(?:stable-image-)?conservative$/, picture(0.4)),
  of('stabilityTools', /^(?:stable-image-)?fast$/, picture(0.02)),
  of('bfl', /^flux-pro-1\.1-ultra$/, picture(0.06)),
  of('bfl', /^flux-(?:pro-1\.1|kontext-pro)$/, picture(0.04)),
  of('bfl', /^flux-kontext-max$/, picture(0.08)),
  of('bfl', /^flux-pro-1\.0-fill$/, picture(0.05)),
  of('olderFlux', /^flux-(?:pro|pro-1\.0-expand)$/, picture(0.05)),
  of('olderFlux', /^flux-dev$/, picture(0.025)),
  of('fireworks', /flux-kontext-pro$/, picture(0.04)),
  of('fireworks', /flux-kontext-max$/, picture(0.08)),
]
