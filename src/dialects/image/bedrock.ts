/**
 * Models of pictures at Bedrock, by InvokeModel: Amazon's Titan Image Generator and Nova Canvas share a protocol, Stability AI's have another.
 * docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html, docs.aws.amazon.com/nova/latest/userguide/
 * image-gen-access.html, docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-stable-ultra-text-image-request-response.html and
 * stable-image-services.html beside it (read 2026-11-27).
 */
import { awsFaultCodec } from '../../kernel/codec/aws-errors.ts'
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { tellMask, within, wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { nearestSize, sizeWithin } from '../../kernel/codec/image/sizes.ts'
import { asBase64, onePicture, requireSources } from '../../kernel/codec/image/sources.ts'
import { textsIn } from '../../kernel/codec/image/texts.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, ImageDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import { dimensionsOf } from '../../model/image.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { isDiffusion3, stabilityOptions, stabilitySettings, toolOf, usualStrength } from './stability-words.ts'

type Context = EncodeContext<ImageRequest>

/** Sizes of Titan's, width by height. */
const titanSizes =
  '1024x1024 768x768 512x512 768x1152 384x576 1152x768 576x384 768x1280 384x640 1280x768 640x384 896x1152 448x576 1152x896 576x448 768x1408 384x704 1408x768 704x384 640x1408 320x704 1408x640 704x320 1152x640 1173x640'.split(
    ' ',
  )
/** Canvas makes any size of these. */
const canvasBounds = { least: 320, most: 4096, multiple: 16, mostPixels: 4_194_304 }
const mostSeed = { canvas: 858_993_459, titan: 2_147_483_646 }
/** Of what goes in, for variations. */
const mostVaried = 5

const isCanvas = (model: string): boolean => model.includes('nova-canvas')
const qualities = { standard: 'standard', low: 'standard', medium: 'standard', hd: 'premium', high: 'premium' }
const known: readonly ImageOption[] = ['negativePrompt', 'n', 'size', 'aspectRatio', 'seed', 'guidance', 'quality']

function sizeOf(request: ImageRequest, model: string, id: string, lost: Loss[]): JsonObject {
  const size = isCanvas(model)
    ? sizeWithin(request, canvasBounds, id, lost)
    : dimensionsOf(nearestSize(request, titanSizes, id, lost))
  return size === undefined ? {} : { width: size.width, height: size.height }
}

function configOf(request: ImageRequest, model: string, id: string, sized: boolean, lost: Loss[]): JsonObject {
  const { n, guidance } = request
  const quality = wordOf(request, 'quality', { ...qualities, premium: 'premium' }, id, lost)
  const seed = within(request.seed, 0, isCanvas(model) ? mostSeed.canvas : mostSeed.titan, 'seed', lost)
  if (!sized && request.size !== undefined && request.size !== 'auto')
    drop(lost, 'size', `${id} makes what is masked as large as it was`)
  return {
    numberOfImages: n ?? 1,
    ...(quality !== undefined && { quality }),
    ...(sized && sizeOf(request, model, id, lost)),
    ...(guidance !== undefined && { cfgScale: guidance }),
    ...(seed !== undefined && { seed }),
  }
}

const wordsOf = ({ prompt, negativePrompt }: ImageRequest): JsonObject => ({
  ...(prompt !== '' && { text: prompt }),
  ...(negativePrompt !== undefined && { negativeText: negativePrompt }),
})

function amazon(id: string, operation: ImageDialect['operation']): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault: awsFaultCodec,
    addressed: true,
    knows: operation === 'image' ? known : [...known, 'mask', 'strength'],
    write: (request, context, lost) =>
      operation === 'image'
        ? {
            taskType: 'TEXT_IMAGE',
            textToImageParams: wordsOf(request),
            imageGenerationConfig: configOf(request, context.model, id, true, lost),
          }
        : changed(request, context, id, lost),
    decode: (json) => decodeAmazon(json, id),
  })
}

/** A masked picture is painted into, another one varied. */
function changed(request: ImageRequest, context: Context, id: string, lost: Loss[]): JsonObject {
  const { mask, strength } = request
  const source = onePicture
  if (mask !== undefined) {
    tellMask(request, 'black', id, lost)
    return {
      taskType: 'INPAINTING',
      inPaintingParams: {
        ...wordsOf(request),
        image: asBase64(source(request, id, lost), id, context).data,
        maskImage: asBase64(mask, id, context).data,
      },
      imageGenerationConfig: configOf(request, context.model, id, false, lost),
    }
  }
  const images = requireSources(request, id)
  if (images.length > mostVaried) drop(lost, 'image', `${id} takes ${mostVaried} pictures: the first were sent`)
  return {
    taskType: 'IMAGE_VARIATION',
    imageVariationParams: {
      ...wordsOf(request),
      images: images.slice(0, mostVaried).map((image) => asBase64(image, id, context).data),
      // The service counts how near the picture is kept, from 0.2 on.
      ...(strength !== undefined && { similarityStrength: Math.max(0.2, Math.round((1 - strength) * 100) / 100) }),
    },
    imageGenerationConfig: configOf(request, context.model, id, true, lost),
  }
}

function decodeAmazon(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { error } = json
  // Of several pictures some may be withheld; what is left is the answer.
  const why = typeof error === 'string' && error !== '' ? error.slice(0, 500) : undefined
  return { images: requirePictures(textsIn(json['images']), id, why).map((base64) => ({ base64 })) }
}

export const titanImage = amazon('titan-image', 'image')
export const titanImageEdit = amazon('titan-image-edit', 'edit-image')
export const titanImageVary = amazon('titan-image-vary', 'vary-image')

const stabilityId = 'bedrock-stability'

export const bedrockStability = imageDialectOf({
  id: stabilityId,
  operation: 'image',
  fault: awsFaultCodec,
  addressed: true,
  knows: stabilityOptions,
  write: (request, { model }, lost) => ({
    ...stabilitySettings(request, stabilityId, true, lost),
    ...(isDiffusion3(model) && { mode: 'text-to-image' }),
  }),
  decode: (json) => decodeStability(json, stabilityId),
})

const stabilityEditId = 'bedrock-stability-edit'

export const bedrockStabilityEdit = imageDialectOf({
  id: stabilityEditId,
  operation: 'edit-image',
  fault: awsFaultCodec,
  addressed: true,
  knows: [...stabilityOptions, 'mask', 'strength'],
  write: writeStabilityEdit,
  decode: (json) => decodeStability(json, stabilityEditId),
})

function writeStabilityEdit(request: ImageRequest, context: Context, lost: Loss[]): JsonObject {
  const id = stabilityEditId
  const { model } = context
  const tool = toolOf(model)
  const { prompt, ...settings } = stabilitySettings(request, id, false, lost)
  const image = asBase64(onePicture(request, id, lost), id, context).data
  const { mask, strength } = request
  if (mask !== undefined && tool?.mask !== true)
    throw new Fault('not_expressible', `${model} takes no mask.`, { param: 'mask' })
  tellMask(request, 'white', id, lost)
  const words = prompt !== undefined && tool?.prompt !== false ? { prompt } : {}
  return {
    ...settings,
    ...words,
    image,
    ...(tool === undefined && { strength: strength ?? usualStrength }),
    ...(tool === undefined && isDiffusion3(model) && { mode: 'image-to-image' }),
    ...(mask !== undefined && { mask: asBase64(mask, id, context).data }),
  }
}

function decodeStability(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { finish_reasons: reasons, seeds } = json
  const why = textsIn(reasons)[0]
  const seedAt = (index: number): JsonValue | undefined => (Array.isArray(seeds) ? seeds[index] : undefined)
  return {
    images: requirePictures(textsIn(json['images']), id, why).map((base64, index) => {
      const seed = seedAt(index)
      return { base64, ...(seed !== undefined && { extra: { [id]: { seed } } }) }
    }),
  }
}
