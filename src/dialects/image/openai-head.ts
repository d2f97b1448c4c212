/** The head of a request for pictures: how many, how large and how good they are to be says what they will cost. */
import { headModel, headText, requestSpans } from '../../kernel/codec/request-head.ts'
import type { Body } from '../../kernel/body.ts'
import type { RequestHead } from '../../kernel/dialect.ts'
import { invalidRequest } from '../../model/fault.ts'
import { dimensionsOf, imageFormats, imageKindOf } from '../../model/image.ts'
import type { ImageRequest } from '../../model/image.ts'
import { checkedAmount, checkedFlag, checkedNumber, checkedRatio, checkedSize, checkedWord } from './checks.ts'
import { mostGuidance, mostSteps } from './openai-request.ts'
import type { ImageWire } from './openai-request.ts'

/**
 * Tokens of a picture by its quality, of 1024 by 1024 pixels; others have as many more as they are larger. A partial picture has a
 * hundred: https://developers.openai.com/api/docs/guides/image-generation#cost-and-latency (read 2026-11-27).
 */
const tokensOf: Readonly<Record<string, number>> = { low: 272, medium: 1056, high: 4160 }
const dearest = 4160
const pixels = 1024 * 1024
/** Of a picture whose size the service is to choose. */
const largestUsual = 1024 * 1536
const perPartial = 100
/** The most that a picture that goes in has, looked at closely. */
const perInput = 6500
/** Bytes of a prompt to a token. */
const bytesPerToken = 3
/** The most pictures that go in. */
export const mostImages = 16

export function readHead({ task }: ImageWire, body: Body<ImageRequest>): RequestHead {
  const spans = requestSpans(body)
  const prompt = headText(spans, 'prompt')
  if (task !== 'vary' && !spans.has('action') && (prompt === undefined || prompt === ''))
    throw invalidRequest('prompt', '`prompt` is empty: describe the picture.')
  const n = checkedNumber(spans.json('n'), 'n', 1, 10) ?? 1
  const size = checkedSize(spans.json('size'), 'size')
  checkedRatio(spans.json('aspect_ratio'), 'aspect_ratio')
  checkedWord(spans.json('output_format'), 'output_format', imageFormats)
  checkedWord(spans.json('response_format'), 'response_format', ['url', 'b64_json'])
  checkedNumber(spans.json('output_compression'), 'output_compression', 0, 100)
  checkedNumber(spans.json('steps'), 'steps', 1, mostSteps)
  checkedAmount(spans.json('guidance_scale'), 'guidance_scale', 0, mostGuidance)
  checkedAmount(spans.json('strength'), 'strength', 0, 1)
  const partials = checkedNumber(spans.json('partial_images'), 'partial_images', 0, 3) ?? 0
  const quality = headText(spans, 'quality')
  const user = headText(spans, 'user') ?? headText(spans, 'safety_identifier')
  const inputs = inputsOf(task, body)
  const { width, height } = dimensionsOf(size) ?? { width: largestUsual, height: 1 }
  const tokens = (most: number): number => Math.ceil((most * width * height) / pixels) + partials * perPartial
  const kind = imageKindOf({ ...(size !== undefined && { size }), ...(quality !== undefined && { quality }) })
  return {
    model: headModel(spans),
    stream: task !== 'vary' && checkedFlag(spans.json('stream'), 'stream') === true,
    n,
    inputs: n,
    units: { images: n },
    ...(kind.length > 0 && { unitKinds: { images: kind } }),
    inputTokens: Math.ceil(Buffer.byteLength(prompt ?? '') / bytesPerToken) + inputs * perInput,
    usualOutput: tokens(tokensOf[quality ?? ''] ?? tokensOf['medium'] ?? 0) * n,
    // A little is a picture's own to vary.
    maxOutputTokens: Math.ceil(tokens(tokensOf[quality ?? ''] ?? dearest) * 1.1),
    ...(user !== undefined && { endUser: user }),
  }
}

/** How many pictures go in; refuses none, and too many. */
function inputsOf(task: ImageRequest['task'], body: Body<ImageRequest>): number {
  if (task === 'generate') return 0
  const spans = body.spans()
  const listed = ['image', 'image[]', 'images'].reduce((sum, key) => sum + countOf(body, key), 0)
  if (listed === 0 && !spans.has('action'))
    throw invalidRequest(
      'image',
      'There is no picture to work on: send it as `image` in a form, or as `images` in JSON.',
    )
  if (listed > mostImages)
    throw invalidRequest('image', `There are ${listed} pictures to work on; at most ${mostImages} are taken.`)
  return listed + countOf(body, 'mask')
}

const openBracket = 0x5b
const firstOfNull = 0x6e

function countOf(body: Body<ImageRequest>, key: string): number {
  const spans = body.spans()
  const span = spans.get(key)
  if (span === undefined || body.byte(span.start) === firstOfNull) return 0
  return body.byte(span.start) === openBracket ? spans.entries(key) : 1
}
