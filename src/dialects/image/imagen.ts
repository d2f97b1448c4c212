/**
 * Imagen's protocol, `:predict` of Google's services, in which clients of Google's ask for pictures too.
 * cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api and …/imagen-api-edit; members as @google/genai 3.3.0 writes them
 * (read 2026-11-27).
 */
import type { Body } from '../../kernel/body.ts'
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { tellMask, wordOf } from '../../kernel/codec/image/options.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { factsOf, imageDialectOf } from '../../kernel/codec/image/provider-side.ts'
import { nearestRatio } from '../../kernel/codec/image/sizes.ts'
import { asBase64, requireSources } from '../../kernel/codec/image/sources.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { EncodeContext, Encoded, ImageDialect, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import { imageKindOf } from '../../model/image.ts'
import type { ImageRequest } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { decodeAnswer, encodeAnswer } from './imagen-answer.ts'
import { imagenId as id, readRequest } from './imagen-request.ts'

const ratios = ['1:1', '3:4', '4:3', '9:16', '16:9'] as const
const formats = { png: 'image/png', jpeg: 'image/jpeg' } as const
const known: readonly ImageOption[] = [
  'negativePrompt',
  'n',
  'size',
  'aspectRatio',
  'seed',
  'guidance',
  'format',
  'compression',
]

/** `2K` is a size by its name, and one as large is meant by it. */
function sampleSize({ size }: ImageRequest): string | undefined {
  if (size === '1K' || size === '2K') return size
  const longest = Math.max(...(size ?? '').split('x').map(Number))
  return longest > 1536 ? '2K' : undefined
}

function writeParameters(writer: MemberWriter, request: ImageRequest, lost: Loss[]): void {
  const ratio = nearestRatio(request, ratios, id, lost)
  const format = wordOf(request, 'format', formats, id, lost)
  const set = (key: string, value: JsonValue | undefined): void => writer.set(`parameters.${key}`, value)
  set('sampleCount', request.n)
  set('aspectRatio', ratio)
  set('sampleImageSize', sampleSize(request))
  set('negativePrompt', request.negativePrompt)
  set('seed', request.seed)
  set('guidanceScale', request.guidance)
  set('outputOptions.mimeType', format)
  set('outputOptions.compressionQuality', format === 'image/jpeg' ? request.compression : undefined)
  // The service makes none with a seed and a watermark.
  if (request.seed !== undefined && request.form?.[id] === undefined) set('addWatermark', false)
}

function write(request: ImageRequest, _context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const writer = new MemberWriter(id, request)
  writer.set('instances', [{ ...instanceOf(request), prompt: request.prompt }])
  writeParameters(writer, request, lost)
  return writer.finish()
}

/** What else the one instance had. */
function instanceOf({ form }: ImageRequest): JsonObject {
  const kept = form?.[id]?.['instance']
  return isJsonObject(kept) ? kept : {}
}

const toServices = imageDialectOf({
  id,
  operation: 'image',
  fault: googleFaultCodec,
  addressed: true,
  knows: known,
  write,
  decode: (json) => decodeAnswer(json, id),
})

const { unserved: _, ...protocol } = toServices

export const imagen: ImageDialect = {
  ...protocol,
  head: (body: Body<ImageRequest>, address?: RequestAddress): RequestHead => headOf(body.read(), address),
  request: {
    ...toServices.request,
    decode: readRequest,
    encode: (request, context): Encoded => {
      if (request.form?.[id] === undefined) return toServices.request.encode(request, context)
      const lost: Loss[] = []
      reportForeignExtra(request, id, '', lost)
      return { json: write(request, context, lost), lost }
    },
  },
  response: { ...toServices.response, encode: (answer) => encodeAnswer(answer, id) },
  facts: (body) => factsOf(body),
}

/** Bytes of a prompt to a token. */
const bytesPerToken = 3

function headOf(request: ImageRequest, address?: RequestAddress): RequestHead {
  const { n = 1, prompt, size } = request
  return {
    model: address?.model ?? request.model,
    stream: false,
    n,
    inputs: n,
    units: { images: n },
    ...(size !== undefined && { unitKinds: { images: imageKindOf({ size }) } }),
    inputTokens: Math.ceil(Buffer.byteLength(prompt) / bytesPerToken),
    usualOutput: usualTokens * n,
    maxOutputTokens: mostTokens,
  }
}

/** Of a picture, where the model that serves it is billed by tokens. */
const usualTokens = 1290
const mostTokens = 4576

const editId = 'imagen-edit'

/** Editing is Vertex AI's alone. */
export const imagenEdit = imageDialectOf({
  id: editId,
  operation: 'edit-image',
  fault: googleFaultCodec,
  addressed: true,
  knows: [...known, 'mask'],
  write(request, context, lost) {
    const writer = new MemberWriter(editId, request)
    tellMask(request, 'white', editId, lost)
    writer.set('instances', [{ prompt: request.prompt, referenceImages: referencesOf(request, context) }])
    writeParameters(writer, request, lost)
    writer.set('parameters.editMode', request.mask === undefined ? 'EDIT_MODE_DEFAULT' : 'EDIT_MODE_INPAINT_INSERTION')
    return writer.finish()
  },
  decode: (json) => decodeAnswer(json, editId),
})

function referencesOf(request: ImageRequest, context: EncodeContext<ImageRequest>): JsonObject[] {
  const { mask } = request
  const bytes = (source: ImageRequest['images'][number]): JsonObject => ({
    bytesBase64Encoded: asBase64(source, editId, context).data,
  })
  const references = requireSources(request, editId).map((source, index): JsonObject => ({
    referenceType: 'REFERENCE_TYPE_RAW',
    referenceId: index + 1,
    referenceImage: bytes(source),
  }))
  if (mask === undefined) return references
  return [
    ...references,
    {
      referenceType: 'REFERENCE_TYPE_MASK',
      referenceId: references.length + 1,
      referenceImage: bytes(mask),
      maskImageConfig: { maskMode: 'MASK_MODE_USER_PROVIDED' },
    },
  ]
}
