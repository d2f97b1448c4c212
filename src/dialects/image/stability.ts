/**
 * Stability AI's protocol: a form for one picture, answered with it in base64.
 * Paths, fields and the names of faults are those of the company's own client, https://github.com/Stability-AI/ComfyUI-SAI_API (read
 * 2026-11-27). It takes pictures as bytes; what the answer is in JSON is known from copies of https://platform.stability.ai/docs/api-reference
 * alone.
 */
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { asFile, onePicture } from '../../kernel/codec/image/sources.ts'
import { tellMask } from '../../kernel/codec/image/options.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { namedMessageOf, plainFault } from '../../kernel/codec/plain-fault.ts'
import type { EncodeContext, FaultCodec } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { isDiffusion3, stabilityOptions, stabilitySettings, toolOf, usualStrength } from './stability-words.ts'

/** `{ id, name, errors }`; who has used up the credits hears 402, and whom the filter refuses 403 or 400 with a name for it. */
const fault: FaultCodec = {
  decode(status, body, headers) {
    const json = isJsonObject(body) ? body : {}
    const { errors, name } = json
    const message = Array.isArray(errors)
      ? errors.filter((each) => typeof each === 'string').join(' ')
      : json['message']
    const refused = name === 'content_moderation'
    return plainFault(refused ? 400 : status, body, headers, { message, code: name, requestId: json['id'], status })
  },
  encode: (told) => ({ status: told.status, json: { name: told.code, errors: [namedMessageOf(told)] } }),
}

/** A form's fields are texts. */
const texts = (settings: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, typeof value === 'number' ? String(value) : (value ?? '')]),
  )

/** Presets of styles; the two of OpenAI's are none of them. */
const presets = new Set(
  '3d-model analog-film anime cinematic comic-book digital-art enhance fantasy-art isometric line-art low-poly modeling-compound neon-punk origami photographic pixel-art tile-texture'.split(
    ' ',
  ),
)

function presetOf({ style }: ImageRequest, id: string, lost: Loss[]): JsonObject {
  if (style === undefined) return {}
  if (presets.has(style)) return { style_preset: style }
  drop(lost, 'style', `${id} has no style of this name`)
  return {}
}

/** The third line of models is one address, and told apart in the form. */
const lineOf = (model: string): JsonObject => (isDiffusion3(model) ? { model } : {})

const generateId = 'stability-generate'

export const stabilityGenerate = imageDialectOf({
  id: generateId,
  operation: 'image',
  fault,
  carries: 'form',
  knows: [...stabilityOptions, 'style', 'guidance'],
  write(request, { model }, lost) {
    const { guidance } = request
    return texts({
      ...stabilitySettings(request, generateId, true, lost),
      ...lineOf(model),
      ...presetOf(request, generateId, lost),
      ...(guidance !== undefined && isDiffusion3(model) && { cfg_scale: guidance }),
    })
  },
  decode: (json) => decode(json, generateId),
})

const editId = 'stability-edit'

export const stabilityEdit = imageDialectOf({
  id: editId,
  operation: 'edit-image',
  fault,
  carries: 'form',
  knows: [...stabilityOptions, 'mask', 'strength', 'style'],
  write: (request, context, lost) => texts(writeEdit(request, context, lost)),
  decode: (json) => decode(json, editId),
})

function writeEdit(request: ImageRequest, { model }: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const tool = toolOf(model)
  const settings = stabilitySettings(request, editId, false, lost)
  const image = asFile(onePicture(request, editId, lost), editId)
  const { mask, strength } = request
  if (mask !== undefined && tool?.mask !== true)
    throw new Fault('not_expressible', `${model} takes no mask: ask \`inpaint\` or \`erase\`.`, { param: 'mask' })
  tellMask(request, 'white', editId, lost)
  if (tool === undefined)
    return {
      ...settings,
      ...lineOf(model),
      ...(isDiffusion3(model) && { mode: 'image-to-image' }),
      ...presetOf(request, editId, lost),
      strength: strength ?? usualStrength,
      image,
    }
  const { prompt, ...others } = settings
  return {
    ...others,
    ...(tool.prompt && prompt !== undefined && { prompt }),
    image,
    ...(mask !== undefined && { mask: asFile(mask, editId) }),
  }
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { image, finish_reason: finish, seed } = json
  if (Array.isArray(json['errors'])) throw fault.decode(400, json, {})
  const filtered = finish === 'CONTENT_FILTERED'
  const pictures = typeof image === 'string' && image !== '' && !filtered ? [image] : []
  const why = filtered ? 'CONTENT_FILTERED' : undefined
  return {
    images: requirePictures(pictures, id, why).map((base64) => ({
      base64,
      ...(typeof seed === 'number' && { extra: { [id]: { seed } } }),
    })),
  }
}
