/**
 * Pictures at Fireworks AI: FLUX.1 answers at once, FLUX.1 Kontext is ordered and asked about (`providers/fireworks`).
 * https://docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt and …/generate-or-edit-image-using-flux-kontext
 * (read 2026-11-27).
 */
import { decodeFluxJob } from '../../kernel/codec/image/flux-job.ts'
import { wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { nearestRatio } from '../../kernel/codec/image/sizes.ts'
import { asDataUrl, onePicture } from '../../kernel/codec/image/sources.ts'
import { textsIn } from '../../kernel/codec/image/texts.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const ratios = ['1:1', '21:9', '16:9', '3:2', '5:4', '4:5', '2:3', '9:16', '9:21', '4:3', '3:4'] as const
const known: readonly ImageOption[] = ['size', 'aspectRatio', 'seed']

function settingsOf(request: ImageRequest, id: string, lost: Loss[]): JsonObject {
  const { prompt, seed } = request
  const ratio = nearestRatio(request, ratios, id, lost)
  return { prompt, ...(ratio !== undefined && { aspect_ratio: ratio }), ...(seed !== undefined && { seed }) }
}

const id = 'fireworks-flux'

export const fireworksFlux = imageDialectOf({
  id,
  operation: 'image',
  fault: openaiFaultCodec,
  addressed: true,
  knows: [...known, 'steps', 'guidance', 'format'],
  write(request, { model }, lost) {
    const { steps, guidance } = request
    const settings = settingsOf(request, id, lost)
    if (model.includes('kontext')) {
      const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpeg' }, id, lost)
      return { ...settings, ...(format !== undefined && { output_format: format }) }
    }
    return {
      ...settings,
      ...(steps !== undefined && { num_inference_steps: steps }),
      ...(guidance !== undefined && { guidance_scale: guidance }),
    }
  },
  decode,
})

/** At once they come in base64, or as a picture itself. */
function decode(json: unknown): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { base64, finishReason, seed } = json
  if (base64 === undefined && json['status'] !== undefined) return decodeFluxJob(json, id)
  const filtered = finishReason === 'CONTENT_FILTERED'
  const pictures = textsIn(Array.isArray(base64) ? base64 : [base64 ?? null]).map(withoutType)
  return {
    images: requirePictures(filtered ? [] : pictures, id, filtered ? 'CONTENT_FILTERED' : undefined).map((picture) => ({
      base64: picture,
      ...(typeof seed === 'number' && { extra: { [id]: { seed } } }),
    })),
  }
}

/** The documentation shows them as data URLs. */
const withoutType = (picture: string): string => picture.replace(/^data:[^,]{0,100},/, '')

const editId = 'fireworks-flux-edit'

export const fireworksFluxEdit = imageDialectOf({
  id: editId,
  operation: 'edit-image',
  fault: openaiFaultCodec,
  addressed: true,
  knows: [...known, 'format'],
  write(request, context, lost) {
    const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpeg' }, editId, lost)
    return {
      ...settingsOf(request, editId, lost),
      input_image: asDataUrl(onePicture(request, editId, lost), editId, context),
      ...(format !== undefined && { output_format: format }),
    }
  },
  decode: (json) => decodeFluxJob(json, editId),
})
