/**
 * Predictions whose output is pictures. What a model calls its settings is its own affair; most of those that draw have the same names.
 * https://replicate.com/docs/topics/predictions/create-a-prediction; names as in https://www.npmjs.com/package/@ai-sdk/replicate
 * (read 2026-11-27).
 */
import { wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { placeOf, ratioOf } from '../../kernel/codec/image/sizes.ts'
import { asUrl, requireSources } from '../../kernel/codec/image/sources.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, ImageDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import { dimensionsOf } from '../../model/image.ts'
import type { GeneratedImage, ImageRequest, ImageResponse, ImageSource } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { replicateFaults } from './faults.ts'
import { throwIfFailed } from './prediction.ts'

const known: readonly ImageOption[] = [
  'size',
  'aspectRatio',
  'seed',
  'steps',
  'guidance',
  'strength',
  'negativePrompt',
  'format',
  'compression',
]

function dialectOf(id: string, operation: ImageDialect['operation'], more: readonly ImageOption[]): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault: replicateFaults,
    addressed: true,
    fetchesUrls: true,
    knows: [...known, ...more],
    write: (request, context, lost) => ({ input: inputOf(id, request, context, lost) }),
    decode: (json) => decode(json, id),
  })
}

export const replicateImages = dialectOf('replicate-images', 'image', [])
export const replicateImageEdits = dialectOf('replicate-image-edits', 'edit-image', ['mask'])

function inputOf(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { prompt, seed, steps, guidance, strength, negativePrompt, compression, mask, task } = request
  const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpg', webp: 'webp' }, id, lost)
  return {
    prompt,
    ...shapeOf(request, context.model, id, lost),
    ...(seed !== undefined && { seed }),
    ...(steps !== undefined && { num_inference_steps: steps }),
    ...(guidance !== undefined && { guidance_scale: guidance }),
    ...(strength !== undefined && { prompt_strength: strength }),
    ...(negativePrompt !== undefined && { negative_prompt: negativePrompt }),
    ...(format !== undefined && { output_format: format }),
    ...(compression !== undefined && { output_quality: compression }),
    ...(task !== 'generate' && picturesOf(id, request, context, lost)),
    ...(mask !== undefined && { mask: asUrl(mask, id, context) }),
  }
}

/** The older diffusion models make a picture of any size, all others one of a shape. */
const takesSizes = (model: string): boolean => /stable-diffusion|sdxl|playground/.test(model)
const shapes = ['1:1', '16:9', '9:16', '4:3', '3:4', '3:2', '2:3', '4:5', '5:4', '21:9', '9:21']

function shapeOf(request: ImageRequest, model: string, id: string, lost: Loss[]): JsonObject {
  const { size, aspectRatio } = request
  const asked = dimensionsOf(size)
  if (asked !== undefined && aspectRatio === undefined && takesSizes(model))
    return { width: asked.width, height: asked.height }
  if (aspectRatio !== undefined) return { aspect_ratio: aspectRatio }
  if (asked === undefined) return {}
  const wanted = asked.width / asked.height
  const off = (text: string): number => Math.abs(Math.log((ratioOf(text) ?? 1) / wanted))
  const [nearest = '1:1'] = shapes.toSorted((a, b) => off(a) - off(b))
  adapt(lost, placeOf(request), `${id} makes pictures of shapes, not sizes: ${nearest} is the nearest`)
  return { aspect_ratio: nearest }
}

/** By the names that families of models have for pictures to work on. */
function picturesOf(
  id: string,
  request: ImageRequest,
  { model, ...context }: EncodeContext<ImageRequest>,
  lost: Loss[],
): JsonObject {
  const sources = requireSources(request, id)
  const urls = (some: readonly ImageSource[]): string[] =>
    some.map((source) => asUrl(source, id, { model, ...context }))
  if (/flux-2|gpt-image/.test(model)) return { input_images: urls(sources) }
  if (/nano-banana|seedream|gemini/.test(model)) return { image_input: urls(sources) }
  const [first = ''] = urls(sources.slice(0, 1))
  if (sources.length > 1) adapt(lost, 'image', `${id} takes one picture: the first was sent`)
  return model.includes('kontext') ? { input_image: first } : { image: first }
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  throwIfRefused(json)
  throwIfFailed(json)
  const { output } = json
  const list = Array.isArray(output) ? output : [output]
  return { images: requirePictures(list.flatMap(pictureIn), id) }
}

/** Models tell in words alone that they will not draw something. */
function throwIfRefused({ status, error }: JsonObject): void {
  if (status !== 'failed' || typeof error !== 'string' || !/nsfw|safety|sensitive|moderat|flagged/i.test(error)) return
  throw new Fault('provider_rejected', error.slice(0, 500), { status: 400, upstream: {} })
}

function pictureIn(item: JsonValue | undefined): GeneratedImage[] {
  if (isJsonObject(item)) return pictureIn(item['url'] ?? item['image'])
  return typeof item === 'string' && /^(?:https?|data):/i.test(item) ? [{ url: item }] : []
}
