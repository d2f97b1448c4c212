/**
 * Servers of Stable Diffusion with AUTOMATIC1111's API: the web UI itself, Forge, SD.Next and others.
 * https://github.com/AUTOMATIC1111/stable-diffusion-webui/blob/master/modules/api/api.py and models.py (read 2026-11-27).
 */
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { sizeWithin } from '../../kernel/codec/image/sizes.ts'
import { asBase64, onePicture } from '../../kernel/codec/image/sources.ts'
import { textsIn } from '../../kernel/codec/image/texts.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { statusFaultCodec } from '../../kernel/codec/status-faults.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import type { EncodeContext, ImageDialect } from '../../kernel/dialect.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const fault = statusFaultCodec({
  messages: ({ detail, errors, error }) => [detail, errors, error],
  body: (told) => ({ detail: told.message }),
})

const bounds = { least: 64, most: 2048, multiple: 8 }
const known: readonly ImageOption[] = ['n', 'size', 'aspectRatio', 'seed', 'steps', 'guidance', 'negativePrompt']
/** How much a picture is changed where the client does not say, and where there are no words for what is to become of it. */
const usualStrength = 0.75
const varied = 0.5

/** The name of no model in particular: whichever is loaded. */
const loaded = 'loaded'

function settingsOf(id: string, request: ImageRequest, model: string, lost: Loss[]): JsonObject {
  const { prompt, negativePrompt, n, seed, steps, guidance } = request
  const size = sizeWithin(request, bounds, id, lost)
  return {
    prompt,
    ...(negativePrompt !== undefined && { negative_prompt: negativePrompt }),
    ...(size !== undefined && { width: size.width, height: size.height }),
    ...(seed !== undefined && { seed }),
    ...(steps !== undefined && { steps }),
    ...(guidance !== undefined && { cfg_scale: guidance }),
    batch_size: n ?? 1,
    ...(model !== loaded && {
      override_settings: { sd_model_checkpoint: model },
      // Loading a model takes long: it stays for the next request.
      override_settings_restore_afterwards: false,
    }),
  }
}

const drawId = 'webui-txt2img'

export const webuiTxt2img = imageDialectOf({
  id: drawId,
  operation: 'image',
  fault,
  addressed: true,
  knows: known,
  write: (request, { model }, lost) => settingsOf(drawId, request, model, lost),
  decode: (json) => decode(json, drawId),
})

function changing(id: string, operation: ImageDialect['operation'], strength: number): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault,
    addressed: true,
    knows: [...known, 'strength', 'mask'],
    write: (request, context, lost) => ({
      ...settingsOf(id, request, context.model, lost),
      ...picturesOf(id, request, context, lost),
      denoising_strength: request.strength ?? strength,
    }),
    decode: (json) => decode(json, id),
  })
}

export const webuiImg2img = changing('webui-img2img', 'edit-image', usualStrength)
export const webuiVariations = changing('webui-variations', 'vary-image', varied)

function picturesOf(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { mask } = request
  return {
    init_images: [asBase64(onePicture(request, id, lost), id, context).data],
    // Of a mask that can be seen through, the server takes what cannot be for what is to change: the other way round than OpenAI.
    ...(mask !== undefined && { mask: asBase64(mask, id, context).data, inpainting_mask_invert: 1 }),
  }
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { images } = json
  const seeds = seedsIn(json['info'])
  return {
    images: requirePictures(textsIn(images), id).map((picture, index) => {
      const seed = seeds[index]
      return {
        base64: picture.replace(/^data:[\w/+.-]+;base64,/, ''),
        ...(seed !== undefined && { extra: { [id]: { seed } } }),
      }
    }),
  }
}

/** What was made of the request is JSON within JSON. */
function seedsIn(info: JsonValue | undefined): readonly JsonValue[] {
  try {
    const told: unknown = typeof info === 'string' ? parseJson(info) : info
    const seeds = isJsonObject(told) ? told['all_seeds'] : undefined
    return Array.isArray(seeds) ? seeds : []
  } catch {
    return []
  }
}
