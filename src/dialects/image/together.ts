/**
 * Pictures at Together AI: a path of OpenAI's with other members, and the picture to work on at the same path.
 * https://github.com/togethercomputer/together-py, `types/image_generate_params.py` and `types/image_file.py` (read 2026-11-27).
 */
import { wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { sizeWithin } from '../../kernel/codec/image/sizes.ts'
import { asUrl, onePicture } from '../../kernel/codec/image/sources.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { openaiFaultCodec, throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import type { EncodeContext, ImageDialect } from '../../kernel/dialect.ts'
import type { GeneratedImage, ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const bounds = { least: 64, most: 4096, multiple: 16, usualPixels: 1024 * 1024 }
const known: readonly ImageOption[] = [
  'n',
  'size',
  'aspectRatio',
  'seed',
  'steps',
  'guidance',
  'negativePrompt',
  'format',
]

function dialectOf(id: string, operation: ImageDialect['operation']): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault: openaiFaultCodec,
    knows: known,
    fetchesUrls: true,
    write: (request, context, lost) => write(id, request, context, lost),
    decode: (json) => decode(json, id),
  })
}

export const togetherImages = dialectOf('together-images', 'image')
export const togetherImageEdits = dialectOf('together-image-edits', 'edit-image')

function write(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { prompt, n, seed, steps, guidance, negativePrompt, answerAs, task } = request
  const size = sizeWithin(request, bounds, id, lost)
  const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpeg' }, id, lost)
  return {
    model: context.model,
    prompt,
    ...(n !== undefined && n > 1 && { n }),
    ...(size !== undefined && { width: size.width, height: size.height }),
    ...(seed !== undefined && { seed }),
    ...(steps !== undefined && { steps }),
    ...(guidance !== undefined && { guidance_scale: guidance }),
    ...(negativePrompt !== undefined && { negative_prompt: negativePrompt }),
    ...(format !== undefined && { output_format: format }),
    ...(task !== 'generate' && { image_url: asUrl(onePicture(request, id, lost), id, context) }),
    ...(answerAs !== undefined && { response_format: answerAs === 'url' ? 'url' : 'base64' }),
  }
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  throwIfOpenaiError(json)
  const data = Array.isArray(json['data']) ? json['data'] : []
  const images = data.flatMap((item): GeneratedImage[] => {
    if (!isJsonObject(item)) return []
    const { b64_json: base64, url } = item
    if (typeof base64 === 'string') return [{ base64 }]
    return typeof url === 'string' ? [{ url }] : []
  })
  return { images: requirePictures(images, id) }
}
