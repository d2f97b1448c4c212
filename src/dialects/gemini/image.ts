/**
 * Gemini that draws: `generateContent` with pictures wanted for an answer, of words and of the pictures that go along.
 * https://ai.google.dev/gemini-api/docs/image-generation (read 2026-11-27); members as @google/genai 3.3.0 writes them.
 */
import { decodeGoogleFault, googleErrorIn, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { nearestRatio } from '../../kernel/codec/image/sizes.ts'
import { asBase64, requireSources } from '../../kernel/codec/image/sources.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, ImageDialect } from '../../kernel/dialect.ts'
import type { GeneratedImage, ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { memberOf } from './members.ts'
import { decodeUsage } from './usage.ts'

const ratios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const

function dialectOf(id: string, operation: ImageDialect['operation']): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault: googleFaultCodec,
    addressed: true,
    knows: ['n', 'size', 'aspectRatio', 'seed', 'negativePrompt'],
    write: (request, context, lost) => write(id, request, context, lost),
    decode: (json) => decode(json, id),
  })
}

export const geminiImage = dialectOf('gemini-image', 'image')
export const geminiImageEdit = dialectOf('gemini-image-edit', 'edit-image')

function write(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { prompt, negativePrompt, seed, task } = request
  const ratio = nearestRatio(request, ratios, id, lost)
  const size = sizeOf(request, context.model, lost)
  const pictures = (task === 'generate' ? [] : requireSources(request, id)).map((source): JsonObject => {
    const { type, data } = asBase64(source, id, context)
    return { inlineData: { mimeType: type, data } }
  })
  const words = negativePrompt === undefined ? prompt : `${prompt}\n\nNot to be seen: ${negativePrompt}`
  const config = {
    ...(ratio !== undefined && { aspectRatio: ratio }),
    ...(size !== undefined && { imageSize: size }),
  }
  return {
    contents: [{ role: 'user', parts: [...pictures, { text: words }] }],
    generationConfig: {
      responseModalities: ['IMAGE'],
      ...(Object.keys(config).length > 0 && { imageConfig: config }),
      ...(seed !== undefined && { seed }),
    },
  }
}

/** Models from the third line on make pictures of several sizes. */
function sizeOf({ size }: ImageRequest, model: string, lost: Loss[]): string | undefined {
  const named = size === '1K' || size === '2K' || size === '4K'
  const longest = Math.max(...(size ?? '').split('x').map(Number))
  const wanted = named ? size : longest > 3000 ? '4K' : longest > 1536 ? '2K' : undefined
  if (wanted === undefined || /gemini-(?:3|[4-9])/.test(model)) return wanted
  return drop(lost, 'size', `${model} makes pictures of one size`)
}

function decode(json: unknown, id: string): ImageResponse {
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const [candidate] = listIn(json['candidates'])
  const content = isJsonObject(candidate) ? candidate['content'] : undefined
  const parts = listIn(isJsonObject(content) ? content['parts'] : undefined)
  const said: string[] = []
  const images: GeneratedImage[] = []
  for (const part of parts) {
    if (!isJsonObject(part) || part['thought'] === true) continue
    if (typeof part['text'] === 'string') said.push(part['text'])
    const data = memberOf(part, 'inlineData')
    if (!isJsonObject(data) || typeof data['data'] !== 'string') continue
    const type = memberOf(data, 'mimeType')
    images.push({ base64: data['data'], ...(typeof type === 'string' && { type }) })
  }
  const usage = decodeUsage(json['usageMetadata'])
  const withheld = images.length === 0 ? whyNone(json, candidate, said) : undefined
  // What it says in place of a picture is paid for like any other words.
  if (withheld === undefined) requirePictures(images, id)
  return { images, ...(withheld !== undefined && { withheld }), ...(usage !== undefined && { usage }) }
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])
const longestReason = 500

/** What was blocked, or what it says in place of a picture. */
function whyNone(json: JsonObject, candidate: JsonValue | undefined, said: readonly string[]): string | undefined {
  const feedback = json['promptFeedback']
  const blocked = isJsonObject(feedback) ? feedback['blockReason'] : undefined
  if (typeof blocked === 'string') return blocked
  const finish = isJsonObject(candidate) ? candidate['finishReason'] : undefined
  if (said.length > 0) return said.join('').slice(0, longestReason)
  return typeof finish === 'string' && finish !== 'STOP' ? finish : undefined
}
