/**
 * Black Forest Labs' protocol: a job is ordered of a model, and asked about until its picture is ready (`providers/black-forest-labs`).
 * https://github.com/black-forest-labs/skills, `bfl-api`, and https://docs.bfl.ai/flux_tools/flux_1_fill (read 2026-11-27).
 */
import { decodeFluxJob } from '../../kernel/codec/image/flux-job.ts'
import { tellMask, wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { imageDialectOf } from '../../kernel/codec/image/provider-side.ts'
import { nearestRatio, sizeWithin } from '../../kernel/codec/image/sizes.ts'
import { asBase64, requireSources } from '../../kernel/codec/image/sources.ts'
import { namedMessageOf, plainFault } from '../../kernel/codec/plain-fault.ts'
import type { EncodeContext, FaultCodec, ImageDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { ImageRequest } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

/** `{ detail }`: words, or a list of what is wrong with which member. */
const fault: FaultCodec = {
  decode: (status, body, headers) =>
    plainFault(status, body, headers, {
      message: isJsonObject(body) ? (body['detail'] ?? body['message']) : undefined,
    }),
  encode: (told) => ({ status: told.status, json: { detail: namedMessageOf(told) } }),
}

/** From 3:7 to 7:3, in the steps that people ask for. */
const ratios = ['1:1', '21:9', '16:9', '3:2', '4:3', '5:4', '4:5', '3:4', '2:3', '9:16', '9:21'] as const
const secondLine = { least: 64, most: 4096, multiple: 16, mostPixels: 4_000_000 }
const firstLine = { least: 256, most: 1440, multiple: 32 }
const isSecond = (model: string): boolean => model.startsWith('flux-2')
const isFill = (model: string): boolean => model.includes('fill')
/** These know shapes, not sizes. */
const takesShapes = (model: string): boolean => /kontext|ultra/.test(model)
/** The most pictures that go into a model of the second line. */
const mostInputs = (model: string): number => (model.includes('klein') ? 4 : 8)

const known: readonly ImageOption[] = ['size', 'aspectRatio', 'seed', 'format', 'steps', 'guidance']

function dialectOf(id: string, operation: ImageDialect['operation'], more: readonly ImageOption[]): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault,
    addressed: true,
    knows: [...known, ...more],
    write: (request, context, lost) => ({
      prompt: request.prompt,
      ...(request.task !== 'generate' && picturesOf(id, request, context, lost)),
      ...shapeOf(id, request, context.model, lost),
      ...settingsOf(id, request, context.model, lost),
    }),
    decode: (json) => decodeFluxJob(json, id),
  })
}

export const bflFlux = dialectOf('bfl-flux', 'image', [])
export const bflFluxEdit = dialectOf('bfl-flux-edit', 'edit-image', ['mask'])

function shapeOf(id: string, request: ImageRequest, model: string, lost: Loss[]): JsonObject {
  if (isFill(model)) return {}
  if (takesShapes(model)) {
    const ratio = nearestRatio(request, ratios, id, lost)
    return ratio === undefined ? {} : { aspect_ratio: ratio }
  }
  const size = sizeWithin(request, isSecond(model) ? secondLine : firstLine, id, lost)
  return size === undefined ? {} : { width: size.width, height: size.height }
}

function settingsOf(id: string, request: ImageRequest, model: string, lost: Loss[]): JsonObject {
  const { seed, steps, guidance } = request
  const format = wordOf(request, 'format', { png: 'png', jpeg: 'jpeg' }, id, lost)
  const steered = /dev|flex|fill/.test(model)
  if (!steered && steps !== undefined) drop(lost, 'steps', `${model} takes none`)
  if (!steered && guidance !== undefined) drop(lost, 'guidance_scale', `${model} takes none`)
  return {
    ...(seed !== undefined && { seed }),
    ...(format !== undefined && { output_format: format }),
    ...(steered && steps !== undefined && { steps }),
    ...(steered && guidance !== undefined && { guidance }),
  }
}

function picturesOf(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { model } = context
  const { mask } = request
  const [first = '', ...others] = requireSources(request, id).map((source) => asBase64(source, id, context).data)
  if (isFill(model)) {
    tellMask(request, 'white', id, lost)
    return { image: first, ...(mask !== undefined && { mask: asBase64(mask, id, context).data }) }
  }
  if (mask !== undefined)
    throw new Fault('not_expressible', `${model} takes no mask: ask \`flux-pro-1.0-fill\`.`, { param: 'mask' })
  const taken = isSecond(model) ? others.slice(0, mostInputs(model) - 1) : []
  if (taken.length < others.length)
    adapt(lost, 'image', `${model} takes ${taken.length + 1} pictures: the first were sent`)
  if (!isSecond(model) && !model.includes('kontext')) return { image_prompt: first }
  return {
    input_image: first,
    ...Object.fromEntries(taken.map((data, index) => [`input_image_${index + 2}`, data])),
  }
}
