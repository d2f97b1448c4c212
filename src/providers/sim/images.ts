/**
 * Pictures in OpenAI's protocols: patterns that follow from the prompt and from the pictures that go in, as PNG files of the size that is
 * asked for, whichever format is. https://developers.openai.com/api/reference/resources/images
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { SimForm } from './form.ts'
import type { ChosenModel } from './models.ts'
import { drawPng } from './png.ts'
import { badRequest } from './problem.ts'
import { hashText } from './seeded.ts'
import { countTokens } from './tokens.ts'
import type { WireCall, WireEvent } from './wire.ts'

export type ImageTask = 'generate' | 'edit' | 'vary'

export interface SimImages {
  readonly promptTokens: number
  readonly outputTokens: number
  readonly body: ((call: WireCall) => string) | undefined
  /** Set where they are to come in events. */
  readonly events: ((call: WireCall) => WireEvent[]) | undefined
}

const usualSize = 1024
const longestSide = 4096
const mostImages = 10
const mostPartials = 3
const inputTokens = 258
const partialTokens = 100
/** Tokens of a picture of the usual size, by its quality. */
const tokensOf: Readonly<Record<string, number>> = { low: 272, medium: 1056, high: 4160, hd: 4160 }
/** Characters of a picture within JSON that what is made of it follows from. */
const hashed = 4096

/** What both kinds of requests say: members of JSON, or the fields of a form, which are all texts. */
interface Asked {
  readonly get: (name: string) => JsonValue | undefined
  readonly pictures: readonly string[]
}

export function askedInJson(json: JsonObject): Asked {
  const listed = [json['images'], json['image']].flatMap((value) => (Array.isArray(value) ? value : [value]))
  return {
    get: (name) => json[name] ?? undefined,
    pictures: listed.flatMap((picture) => (picture === undefined || picture === null ? [] : [textOf(picture)])),
  }
}

export const askedInForm = ({ fields, files }: SimForm): Asked => ({
  get: (name) => fields.get(name),
  pictures: files
    .filter(({ name }) => name === 'image' || name === 'image[]')
    .map(({ content }) => content.toString('latin1', 0, hashed)),
})

const textOf = (picture: JsonValue): string =>
  (typeof picture === 'string' ? picture : JSON.stringify(picture)).slice(0, hashed)

export function answerImages(asked: Asked, task: ImageTask, { parameters, manner }: ChosenModel): SimImages {
  const prompt = asked.get('prompt') ?? ''
  if (typeof prompt !== 'string') throw badRequest('prompt', 'prompt must be a string.')
  if (task !== 'vary' && prompt === '') throw badRequest('prompt', 'prompt must be a string that is not empty.')
  if (task !== 'generate' && asked.pictures.length === 0) throw badRequest('image', 'image must be a picture.')
  if (manner === 'refusal') throw badRequest('prompt', 'Your request was rejected by the safety system.')
  const n = integer(asked, 'n', 1, mostImages) ?? 1
  const partials = integer(asked, 'partial_images', 0, mostPartials) ?? 0
  const { width, height } = sizeOf(asked.get('size'))
  const quality = word(asked, 'quality', 'auto')
  const background = word(asked, 'background', 'auto')
  const transparent = background === 'transparent'
  const tokens = Math.ceil(((tokensOf[quality] ?? 1056) * width * height) / usualSize ** 2)
  const text = countTokens(prompt)
  const seen = asked.pictures.length * inputTokens
  const usage = {
    total_tokens: text + seen + n * tokens + partials * partialTokens,
    input_tokens: text + seen,
    output_tokens: n * tokens + partials * partialTokens,
    input_tokens_details: { text_tokens: text, image_tokens: seen },
  }
  let hash = hashText(`${parameters.seed ?? 0} ${JSON.stringify(asked.get('seed') ?? 0)} ${prompt}`)
  for (const picture of asked.pictures) hash = hashText(picture, hash)
  const draw = (index: number, done = 1): string =>
    drawPng({ width, height, seed: hash + index, done, transparent }).toString('base64')
  const about = {
    size: `${width}x${height}`,
    quality: quality === 'auto' ? 'medium' : quality,
    background: transparent ? 'transparent' : 'opaque',
    output_format: 'png',
  }
  const asUrl = asked.get('response_format') === 'url'
  const body = ({ created }: WireCall): string =>
    JSON.stringify({
      created,
      ...about,
      data: Array.from({ length: n }, (_one, index) =>
        asUrl ? { url: `data:image/png;base64,${draw(index)}` } : { b64_json: draw(index) },
      ),
      usage,
    })
  const type = task === 'generate' ? 'image_generation' : 'image_edit'
  const events = ({ created }: WireCall): WireEvent[] => {
    const event = (kind: string, json: JsonObject, count: number): WireEvent => {
      const data = JSON.stringify({ type: `${type}.${kind}`, ...json, created_at: created, ...about })
      return { text: `event: ${type}.${kind}\ndata: ${data}\n\n`, tokens: count }
    }
    return [
      ...Array.from({ length: partials }, (_one, index) => {
        const b64_json = draw(0, (index + 1) / (partials + 1))
        return event('partial_image', { b64_json, partial_image_index: index }, partialTokens)
      }),
      event('completed', { b64_json: draw(0), usage }, tokens),
    ]
  }
  const stream = asked.get('stream') === true || asked.get('stream') === 'true'
  if (stream && n > 1) throw badRequest('n', 'n must be 1 in a stream.')
  return {
    promptTokens: text + seen,
    outputTokens: n * tokens,
    body: stream ? undefined : body,
    events: stream ? events : undefined,
  }
}

function integer(asked: Asked, name: string, least: number, most: number): number | undefined {
  const value = asked.get(name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most)
    throw badRequest(name, `${name} must be a whole number between ${least} and ${most}.`)
  return number
}

function word(asked: Asked, name: string, absent: string): string {
  const value = asked.get(name) ?? absent
  if (typeof value !== 'string') throw badRequest(name, `${name} must be a string.`)
  return value
}

function sizeOf(value: JsonValue | undefined): { width: number; height: number } {
  if (value === undefined || value === 'auto') return { width: usualSize, height: usualSize }
  const found = /^(\d{1,4})x(\d{1,4})$/.exec(typeof value === 'string' ? value : '')
  const [width, height] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)]
  if (width < 1 || height < 1 || width > longestSide || height > longestSide)
    throw badRequest('size', `size must be WIDTHxHEIGHT, of at most ${longestSide} pixels each, or auto.`)
  return { width, height }
}
