/** Requests in OpenAI's protocol of pictures: a JSON object, or the fields of a form, which are texts. */
import { mediaSignature } from '../../bytes/media-signature.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { asFile, asUrl } from '../../kernel/codec/image/sources.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import { isFileMember } from '../../kernel/upload.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import { imageFormats } from '../../model/image.ts'
import type { ImageRequest, ImageSource } from '../../model/image.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { checkedAmount, checkedFlag, checkedNumber, checkedRatio, checkedSize, checkedWord } from './checks.ts'

/** Beyond what any diffusion model makes sense of. */
export const mostSteps = 500
export const mostGuidance = 100

export interface ImageWire {
  readonly id: string
  readonly task: ImageRequest['task']
}

export function decodeRequest({ id, task }: ImageWire, json: unknown): ImageRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const read = <T>(key: string, check: (value: unknown, key: string) => T | undefined): T | undefined => {
    const told = reader.take(key)
    const value = check(told, key)
    // Texts of a form are numbers and flags as well, and are written as they came.
    if (typeof told === 'string' && typeof value !== 'string') reader.note(`text ${key}`, told)
    return value
  }
  const given = {
    negativePrompt: reader.string('negative_prompt'),
    n: read('n', (value, key) => checkedNumber(value, key, 1, 10)),
    size: read('size', checkedSize),
    aspectRatio: read('aspect_ratio', checkedRatio),
    seed: read('seed', (value, key) => checkedNumber(value, key, 0, Number.MAX_SAFE_INTEGER)),
    steps: read('steps', (value, key) => checkedNumber(value, key, 1, mostSteps)),
    guidance: read('guidance_scale', (value, key) => checkedAmount(value, key, 0, mostGuidance)),
    strength: read('strength', (value, key) => checkedAmount(value, key, 0, 1)),
    quality: reader.string('quality'),
    background: reader.string('background'),
    format: read('output_format', (value, key) => checkedWord(value, key, imageFormats)),
    compression: read('output_compression', (value, key) => checkedNumber(value, key, 0, 100)),
    moderation: reader.string('moderation'),
    style: reader.string('style'),
    inputFidelity: reader.string('input_fidelity'),
    user: reader.string('user'),
    answerAs: read('response_format', (value, key) => checkedWord(value, key, ['url', 'b64_json'] as const)),
    partialImages: read('partial_images', (value, key) => checkedNumber(value, key, 0, 3)),
    action: actionIn(reader),
    mask: sourceIn(reader.take('mask'), 'mask', reader),
  }
  const stream = read('stream', checkedFlag)
  if (stream === false) reader.noteExplicit('stream')
  const prompt =
    task === 'vary' || given.action !== undefined ? reader.string('prompt') : reader.requiredString('prompt')
  return {
    task,
    model: reader.requiredString('model'),
    prompt: prompt ?? '',
    images: imagesIn(reader),
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ImageRequest>),
    stream: stream === true,
    ...reader.node(),
  }
}

/** Under whichever of the names that clients use. */
const imageKeys = ['image', 'image[]', 'images'] as const

function imagesIn(reader: MemberReader): ImageSource[] {
  const sources: ImageSource[] = []
  for (const key of imageKeys) {
    const value = reader.take(key)
    if (value === undefined) continue
    reader.note('images', key)
    if (!Array.isArray(value)) reader.note('imageOnce', true)
    for (const [index, each] of (Array.isArray(value) ? value : [value]).entries()) {
      const source = sourceIn(each, Array.isArray(value) ? `${key}[${index}]` : key, reader)
      if (source !== undefined) sources.push(source)
    }
  }
  return sources
}

function sourceIn(value: JsonValue | undefined, path: string, reader: MemberReader): ImageSource | undefined {
  if (value === undefined) return undefined
  if (isFileMember(value)) {
    const { upload, name, type, size } = value
    return { kind: 'upload', upload, name, type, size }
  }
  if (isJsonObject(value)) {
    const { image_url: url, file_id: file } = value
    if ((typeof url === 'string') === (typeof file === 'string'))
      throw invalidRequest(path, `\`${path}\` must have either \`image_url\` or \`file_id\`.`)
    if (typeof file === 'string') return { kind: 'file-id', id: file }
    if (typeof url === 'string') return urlSource(url, path)
  }
  if (typeof value === 'string') {
    reader.note(`plain ${path}`, true)
    return urlSource(value, path)
  }
  throw wrongType(path, 'a picture: `{ "image_url": … }` or `{ "file_id": … }`', value)
}

function urlSource(url: string, path: string): ImageSource {
  const data = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=.-]+)*;base64,/i.exec(url.slice(0, 200))
  if (data !== null) return pictureIn(url.slice(data[0].length), data[1], path)
  if (/^https?:\/\//i.test(url)) return { kind: 'url', url }
  throw invalidRequest(path, `\`${path}\` must be an http or https URL, or a data URL with base64.`)
}

/** As with files, its first bytes say what it is, whatever it is sent as. */
function pictureIn(base64: string, declared: string | undefined, path: string): ImageSource {
  const { type } = mediaSignature(Buffer.from(base64.slice(0, longestSignature), 'base64')) ?? { type: '' }
  if (!type.startsWith('image/'))
    throw new Fault(
      'unsupported_media_type',
      `\`${path}\` is a data URL of ${declared ?? 'a picture'}, but its bytes are none of a picture: send PNG, JPEG, WebP, GIF, AVIF, HEIC, BMP or TIFF.`,
      { param: path },
    )
  return { kind: 'base64', type, data: base64 }
}

/** Characters of base64 that tell what it is. */
const longestSignature = 256

/** `{ task_id, button }`: what an earlier answer offered to do next. */
function actionIn(reader: MemberReader): ImageRequest['action'] {
  if (!reader.has('action')) return undefined
  const action = reader.nested('action')
  return action && { task: action.requiredString('task_id'), button: action.requiredString('button') }
}

export function encodeRequest(
  { id, task }: ImageWire,
  request: ImageRequest,
  context: EncodeContext<ImageRequest>,
): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const set = (key: string, value: JsonValue | undefined): void => {
    if (value !== undefined) writer.set(key, writer.note(`text ${key}`) ?? value)
  }
  set('model', context.model)
  if (request.prompt !== '' || (task !== 'vary' && request.action === undefined)) set('prompt', request.prompt)
  writeImages(id, request, writer, context, lost)
  set('negative_prompt', request.negativePrompt)
  set('n', request.n)
  set('size', request.size)
  set('aspect_ratio', request.aspectRatio)
  set('seed', request.seed)
  set('steps', request.steps)
  set('guidance_scale', request.guidance)
  set('strength', request.strength)
  set('quality', request.quality)
  set('background', request.background)
  set('output_format', request.format)
  set('output_compression', request.compression)
  set('moderation', request.moderation)
  set('style', request.style)
  set('input_fidelity', request.inputFidelity)
  set('user', request.user)
  set('response_format', request.answerAs)
  if (request.stream) set('stream', true)
  else if (writer.wasExplicit('stream')) set('stream', false)
  set('partial_images', request.partialImages)
  if (request.action !== undefined) {
    writer.set('action.task_id', request.action.task)
    writer.set('action.button', request.action.button)
  }
  return { json: writer.finish(), lost }
}

function writeImages(
  id: string,
  { images, mask, task }: ImageRequest,
  writer: MemberWriter,
  context: EncodeContext<ImageRequest>,
  lost: Loss[],
): void {
  const spelled = writer.note('images')
  const form = [...images, mask].some((source) => source?.kind === 'upload')
  const value = (source: ImageSource, path: string): JsonValue => {
    if (form) return asFile(source, id)
    if (writer.note(`plain ${path}`) === true) return asUrl(source, id, context)
    if (source.kind === 'file-id') return { file_id: source.id }
    return { image_url: asUrl(source, id, context) }
  }
  const [first] = images
  if (first !== undefined) {
    if (task === 'generate') drop(lost, 'image', `${id} makes pictures of words alone`)
    else {
      const key = typeof spelled === 'string' ? spelled : form ? (images.length === 1 ? 'image' : 'image[]') : 'images'
      const once = writer.note('imageOnce') === true && images.length === 1
      writer.set(key, once ? value(first, key) : images.map((source, index) => value(source, `${key}[${index}]`)))
    }
  }
  if (mask !== undefined) writer.set('mask', value(mask, 'mask'))
}
