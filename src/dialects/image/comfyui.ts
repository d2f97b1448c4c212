/**
 * What a ComfyUI server is to draw, in a form of the gateway's own: the server itself takes workflows, which the provider makes of it
 * (`providers/comfyui`), and gives the pictures that came of one back in this form.
 */
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { sizeWithin } from '../../kernel/codec/image/sizes.ts'
import { asBase64, requireSources } from '../../kernel/codec/image/sources.ts'
import { textIn, textsIn } from '../../kernel/codec/image/texts.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { namedMessageOf, plainFault } from '../../kernel/codec/plain-fault.ts'
import type { EncodeContext, FaultCodec, ImageDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { ImageRequest, ImageResponse, ImageSource } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const bounds = { least: 64, most: 8192, multiple: 8 }
const known: readonly ImageOption[] = [
  'n',
  'size',
  'aspectRatio',
  'seed',
  'steps',
  'guidance',
  'strength',
  'negativePrompt',
  'mask',
]

/** `{ error: { type, message, details }, node_errors }` of a workflow that is not right. */
const fault: FaultCodec = {
  decode(status, body, headers) {
    const error = isJsonObject(body) ? body['error'] : undefined
    if (!isJsonObject(error)) return plainFault(status, body, headers, { message: error })
    const nodes = isJsonObject(body) ? body['node_errors'] : undefined
    const detail = isJsonObject(nodes) && Object.keys(nodes).length > 0 ? `: ${JSON.stringify(nodes)}` : ''
    const message = `${textIn(error['message'])}${detail}`.slice(0, 2000)
    return plainFault(status, body, headers, { message, code: error['type'] })
  },
  encode: (told) => ({ status: told.status, json: { error: namedMessageOf(told) } }),
}

function dialectOf(id: string, operation: ImageDialect['operation']): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault,
    knows: known,
    write: (request, context, lost) => write(id, request, context, lost),
    decode: (json) => decode(json, id),
  })
}

export const comfyuiImage = dialectOf('comfyui-image', 'image')
export const comfyuiImageEdit = dialectOf('comfyui-image-edit', 'edit-image')
export const comfyuiImageVary = dialectOf('comfyui-image-vary', 'vary-image')

function write(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { prompt, negativePrompt, n, seed, steps, guidance, strength, mask, task } = request
  const size = sizeWithin(request, bounds, id, lost)
  const picture = (source: ImageSource): JsonObject => ({ ...asBase64(source, id, context) })
  return {
    model: context.model,
    prompt,
    ...(negativePrompt !== undefined && { negative_prompt: negativePrompt }),
    ...(size !== undefined && { width: size.width, height: size.height }),
    n: n ?? 1,
    ...(seed !== undefined && { seed }),
    ...(steps !== undefined && { steps }),
    ...(guidance !== undefined && { cfg: guidance }),
    ...(strength !== undefined && { strength }),
    ...(task !== 'generate' && { images: requireSources(request, id).map(picture) }),
    ...(mask !== undefined && { mask: picture(mask) }),
  }
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { images, failed } = json
  if (typeof failed === 'string') throw new Fault('provider_error', failed, { upstream: {} })
  return { images: requirePictures(textsIn(images), id).map((base64) => ({ base64 })) }
}
