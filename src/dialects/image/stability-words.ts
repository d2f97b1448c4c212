/** What Stability AI's models are asked, the same at the company's own service and at Bedrock. */
import { nearestRatio } from '../../kernel/codec/image/sizes.ts'
import { within, wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import type { ImageRequest } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const ratios = ['21:9', '16:9', '3:2', '5:4', '1:1', '4:5', '2:3', '9:16', '9:21'] as const
const mostSeed = 4_294_967_294

/** How far a picture is left where the client does not say: the service wants to be told. */
export const usualStrength = 0.65

export const stabilityOptions: readonly ImageOption[] = ['negativePrompt', 'seed', 'size', 'aspectRatio', 'format']

export const isDiffusion3 = (model: string): boolean => /(?:^|[./])sd3/.test(model)

/** What all of the models take, as texts and numbers; `shapes`: the picture's shape is not that of another. */
export function stabilitySettings(request: ImageRequest, id: string, shapes: boolean, lost: Loss[]): JsonObject {
  const { prompt, negativePrompt, seed } = request
  const ratio = shapes ? nearestRatio(request, ratios, id, lost) : undefined
  const kept = within(seed, 0, mostSeed, 'seed', lost)
  const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpeg', webp: 'webp' }, id, lost)
  return {
    ...(prompt !== '' && { prompt }),
    ...(negativePrompt !== undefined && { negative_prompt: negativePrompt }),
    ...(ratio !== undefined && { aspect_ratio: ratio }),
    ...(kept !== undefined && { seed: kept }),
    ...(format !== undefined && { output_format: format }),
  }
}

/** Models that do one thing to a picture, by what they are called at either service. */
interface Tool {
  /** Words for what is to be seen. */
  readonly prompt: boolean
  readonly mask: boolean
}

const tools: Readonly<Record<string, Tool>> = {
  inpaint: { prompt: true, mask: true },
  erase: { prompt: false, mask: true },
  'remove-background': { prompt: false, mask: false },
  sketch: { prompt: true, mask: false },
  structure: { prompt: true, mask: false },
  style: { prompt: true, mask: false },
  conservative: { prompt: true, mask: false },
  fast: { prompt: false, mask: false },
}

export function toolOf(model: string): (Tool & { readonly name: string }) | undefined {
  const short = model
    .replace(/^(?:[a-z]+\.)?stability\./, '')
    .replace(/^(?:stable-image-)?(?:control-)?/, '')
    .replace(/-(?:upscale|guide)?(?:-?v\d.*)?$/, '')
  const tool = tools[short]
  return tool === undefined ? undefined : { ...tool, name: short }
}
