/**
 * OpenAI's protocol for films, of Sora and of all that speak it since: jobs that are asked about by their ids. A request is a form, or JSON.
 * https://developers.openai.com/api/reference/resources/videos (read 2026-11-27).
 */
import { parseJson } from '../../bytes/parse-json.ts'
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { openaiFaultCodec, throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import { headModel, requestSpans } from '../../kernel/codec/request-head.ts'
import type { EncodeContext, Encoded, RequestAddress, RequestHead, VideoDialect } from '../../kernel/dialect.ts'
import { isFileMember } from '../../kernel/upload.ts'
import type { RemoteVideo, VideoCalls } from '../../kernel/video-calls.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { sidesOf, usualSeconds, usualSize, videoUnits } from '../../model/video.ts'
import type { VideoJob, VideoReference, VideoRequest, VideoState, VideoStatus } from '../../model/video.ts'
import { pathStep } from '../../kernel/path-step.ts'

const id = 'openai-videos'
const longestPrompt = 32_000
const longestSeconds = 3600

function head(body: Body<VideoRequest>, address?: RequestAddress): RequestHead {
  const spans = requestSpans(body)
  const seconds = secondsIn(spans.json('seconds')) ?? usualSeconds
  const size = sizeIn(spans.json('size')) ?? usualSize
  promptIn(spans.json('prompt'))
  return { model: address?.model ?? headModel(spans), stream: false, ...videoUnits(seconds, size), inputTokens: 0 }
}

export const openaiVideos: VideoDialect = {
  id,
  operation: 'video',
  requestHeaders: [],
  mediaMarks: [],
  carries: 'form-with-files',
  files: {
    media: 'images',
    fields: { input_reference: 1 },
    optional: true,
    example: 'curl -F input_reference=@first.png',
  },
  head,
  request: { decode: (json) => decode(json), encode },
  response: { decode: decodeJob, encode: encodeJob },
  fault: openaiFaultCodec,
  // A form is sent on as JSON where it has no file, and a map is written otherwise there.
  mustTranslate: (body) => referenceFields.some((name) => body.spans().has(name)),
  // The client gets the gateway's id of the job.
  spelledOtherwise: () => true,
  facts: (body) => ({ id: decodeJob(body.json()).id }),
  videos: calls(),
}

/** A film to be made anew: the path says of which, and the body has nothing but what is to be different. */
export const openaiRemix: VideoDialect = {
  ...openaiVideos,
  id: 'openai-remix',
  addressed: true,
  request: {
    decode: (json, address) => ({
      ...decode(isJsonObject(json) ? { model: '', ...json } : json),
      model: address?.model ?? '',
    }),
    encode: () => {
      throw new Fault('operation_not_supported', 'openai-remix is spoken by clients alone.')
    },
  },
}

function promptIn(value: unknown): string {
  if (typeof value !== 'string') throw wrongType('prompt', 'the text that describes the film', value)
  if (value === '') throw invalidRequest('prompt', '`prompt` is empty: describe the film.')
  if (value.length > longestPrompt)
    throw invalidRequest('prompt', `\`prompt\` has ${value.length} characters; ${longestPrompt} are the most.`)
  return value
}

/** A text in forms, and in JSON as well; numbers are understood. */
function secondsIn(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= longestSeconds))
    throw invalidRequest(
      'seconds',
      `\`seconds\` must be a number of seconds, such as "4", but is ${JSON.stringify(value)}.`,
    )
  return seconds
}

function sizeIn(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' || sidesOf(value) === undefined)
    throw invalidRequest(
      'size',
      `\`size\` must be width and height, such as "1280x720", but is ${JSON.stringify(value)}.`,
    )
  return value
}

function decode(json: unknown): VideoRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object or a form', json)
  const reader = new MemberReader(id, json, '')
  const seconds = secondsIn(reader.take('seconds'))
  const size = sizeIn(reader.take('size'))
  const reference = referenceIn(reader.take('input_reference')) ?? referenceInFields(reader)
  return {
    model: reader.string('model') ?? '',
    prompt: promptIn(reader.take('prompt')),
    ...(seconds !== undefined && { seconds }),
    ...(size !== undefined && { size }),
    ...(reference !== undefined && { reference }),
    ...reader.node(),
  }
}

const referenceFields = ['input_reference[image_url]', 'input_reference[file_id]']

/** As the official libraries write a map into a form. */
function referenceInFields(reader: MemberReader): VideoReference | undefined {
  const [url, id] = referenceFields.map((name) => reader.take(name))
  if (typeof url === 'string') return { kind: 'url', url }
  return typeof id === 'string' ? { kind: 'file-id', id } : undefined
}

function referenceIn(value: JsonValue | undefined): VideoReference | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (isFileMember(value)) {
    const { upload, name, type, size } = value
    return { kind: 'upload', upload, name, type, size }
  }
  if (isJsonObject(value) && typeof value['image_url'] === 'string') return { kind: 'url', url: value['image_url'] }
  if (isJsonObject(value) && typeof value['file_id'] === 'string') return { kind: 'file-id', id: value['file_id'] }
  throw wrongType('input_reference', 'a picture, as a file or as `{ "image_url": "https://…" }`', value)
}

function encode(request: VideoRequest, { model }: EncodeContext<VideoRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.remixOf !== undefined)
    return { json: { prompt: request.prompt }, lost, address: `/${pathStep(request.remixOf)}/remix` }
  const writer = new MemberWriter(id, request)
  writer.set('model', model)
  writer.set('prompt', request.prompt)
  writer.set('seconds', request.seconds === undefined ? undefined : String(request.seconds))
  writer.set('size', request.size)
  writer.set('input_reference', referenceOf(request.reference))
  return { json: writer.finish(), lost }
}

function referenceOf(reference: VideoReference | undefined): JsonValue | undefined {
  if (reference === undefined) return undefined
  if (reference.kind === 'url') return { image_url: reference.url }
  if (reference.kind === 'file-id') return { file_id: reference.id }
  const { upload, name, type, size } = reference
  return { upload, name, type, size }
}

const statuses: readonly VideoStatus[] = ['queued', 'in_progress', 'completed', 'failed']

const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

function stateIn(json: unknown): VideoState & { readonly id: string } {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  throwIfOpenaiError(json['object'] === 'video' ? {} : json)
  const { progress, expires_at: expiresAt, seconds } = json
  const status = statuses.find((each) => each === json['status'])
  const jobId = textIn(json['id'])
  if (status === undefined || jobId === undefined)
    throw new Fault('provider_malformed', 'its answer has no `id` and `status` of a job')
  const told = Number(textIn(seconds) ?? seconds)
  const size = textIn(json['size'])
  const error = isJsonObject(json['error']) ? json['error'] : {}
  return {
    id: jobId,
    status,
    ...(typeof progress === 'number' && { progress }),
    ...(told > 0 && told <= longestSeconds && { seconds: told }),
    ...(size !== undefined && sidesOf(size) !== undefined && { size }),
    ...(typeof expiresAt === 'number' && { expiresAt }),
    ...(status === 'failed' && {
      failure: {
        code: textIn(error['code']) ?? 'video_generation_failed',
        message: textIn(error['message']) ?? 'The provider could not make the film, and did not say why.',
      },
    }),
  }
}

function decodeJob(json: unknown): VideoJob {
  return stateIn(json)
}

/** What the client gets is written when the job is kept: here only what the provider told. */
function encodeJob(job: VideoJob): Encoded {
  const { id: remoteId, status, progress, seconds, size, expiresAt, failure } = job
  const json: JsonObject = {
    id: remoteId,
    object: 'video',
    status,
    ...(progress !== undefined && { progress }),
    ...(seconds !== undefined && { seconds }),
    ...(size !== undefined && { size }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(failure !== undefined && { error: { ...failure } }),
  }
  return { json, lost: [] }
}

function calls(): VideoCalls {
  const at = ({ path, id: jobId }: RemoteVideo, rest = ''): string => {
    const [place = '', query] = path.split('?', 2)
    const [segments = '', question] = rest.split('?', 2)
    const queries = [question, query].filter((each) => each !== undefined && each !== '')
    return `${place}/${pathStep(jobId)}${segments}${queries.length > 0 ? `?${queries.join('&')}` : ''}`
  }
  return {
    made: ({ seconds = usualSeconds, size = usualSize }) => ({ seconds, size }),
    state: (video) => ({ method: 'GET', path: at(video) }),
    readState: (text) => stateIn(parsed(text)),
    content: (video, variant) => ({
      method: 'GET',
      path: at(video, variant === 'video' ? '/content' : `/content?variant=${variant}`),
    }),
    remove: (video) => ({ method: 'DELETE', path: at(video) }),
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new Fault('provider_malformed', 'what it told of the job is not JSON', { cause })
  }
}
