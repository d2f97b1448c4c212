/**
 * Google's protocol for films, `predictLongRunning` and the operations that it leads to: of the Gemini API, which tells where a film lies,
 * and of Vertex AI, whose operation has the film in it. https://ai.google.dev/gemini-api/docs/video,
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/veo-video-generation (read 2026-11-27); members as
 * @google/genai 3.3.0 writes and reads them.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { decodeGoogleFault, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded, VideoDialect } from '../../kernel/dialect.ts'
import { fileMark } from '../../kernel/inlined-files.ts'
import type { RemoteVideo, VideoCalls } from '../../kernel/video-calls.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { sidesOf, usualSeconds, usualSize } from '../../model/video.ts'
import type { VideoRequest, VideoState } from '../../model/video.ts'

function dialectOf(id: string, calls: VideoCalls): VideoDialect {
  /** It is asked, and never asks: there is no surface that speaks it. */
  const neverServed = (): never => {
    throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
  }
  const decode = (json: unknown): { readonly id: string; readonly status: 'queued' } => {
    const name = isJsonObject(json) ? json['name'] : undefined
    if (typeof name !== 'string' || name === '') throw wrongType('name', 'the name of an operation', name)
    return { id: name, status: 'queued' }
  }
  return {
    id,
    operation: 'video',
    requestHeaders: [],
    mediaMarks: [],
    addressed: true,
    head: neverServed,
    request: { decode: neverServed, encode: (request, context) => encode(id, request, context) },
    response: { decode, encode: neverServed },
    fault: googleFaultCodec,
    facts: (body) => ({ id: decode(body.json()).id }),
    videos: calls,
  }
}

/** "Veo API parameters and specifications". */
const lengths = [4, 6, 8] as const
const shapes = [
  { lines: 720, resolution: '720p', long: 1280 },
  { lines: 1080, resolution: '1080p', long: 1920 },
  { lines: 2160, resolution: '4k', long: 3840 },
] as const

interface Shape {
  readonly seconds: number
  readonly size: string
  readonly resolution: string
  readonly aspectRatio: string
}

/** The nearest that it makes, and never shorter or smaller where it makes that. */
function shapeOf({ seconds = usualSeconds, size = usualSize }: VideoRequest): Shape {
  const { width, height } = sidesOf(size) ?? { width: 0, height: 0 }
  if (width === height)
    throw new Fault('not_expressible', `Veo makes films of 16:9 and 9:16, not ${size}.`, { param: 'size' })
  const length = lengths.find((each) => each >= seconds) ?? 8
  const { resolution, lines, long } = shapes.find((each) => each.lines >= Math.min(width, height)) ?? shapes[2]
  const wide = width > height
  return {
    seconds: length,
    size: wide ? `${long}x${lines}` : `${lines}x${long}`,
    resolution,
    aspectRatio: wide ? '16:9' : '9:16',
  }
}

function encode(id: string, request: VideoRequest, { fileMark: mark = '' }: EncodeContext<VideoRequest>): Encoded {
  if (request.remixOf !== undefined)
    throw new Fault('not_expressible', `${id} makes no film anew: send what it is to be as a new one.`, { param: 'id' })
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const { seconds, size, resolution, aspectRatio } = shapeOf(request)
  if (request.seconds !== undefined && request.seconds !== seconds)
    adapt(lost, 'seconds', `Veo makes films of ${lengths.join(', ')} seconds`)
  if (request.size !== undefined && request.size !== size) adapt(lost, 'size', `Veo makes it ${size}`)
  const { reference } = request
  if (reference !== undefined && reference.kind !== 'upload')
    throw new Fault('not_expressible', `${id} fetches no pictures: send the file itself as \`input_reference\`.`, {
      param: 'input_reference',
    })
  const instance: JsonObject = {
    prompt: request.prompt,
    ...(reference !== undefined && {
      image: { bytesBase64Encoded: fileMark(mark, reference.upload), mimeType: reference.type },
    }),
  }
  const parameters: JsonObject = { sampleCount: 1, durationSeconds: seconds, aspectRatio, resolution }
  return { json: { instances: [instance], parameters }, lost }
}

const objectIn = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})
const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []
const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** What holds of every operation; undefined for one that has ended well. */
function unfinished(operation: JsonObject): VideoState | undefined {
  if (operation['done'] !== true) {
    const progress = objectIn(operation['metadata'])['progressPercent']
    return { status: 'in_progress', ...(typeof progress === 'number' && { progress }) }
  }
  if (!isJsonObject(operation['error'])) return undefined
  const { code, message } = operation['error']
  return failed(
    typeof code === 'number' ? String(code) : 'unknown',
    textIn(message) ?? decodeGoogleFault(undefined, operation['error']).message,
  )
}

const failed = (code: string, message: string): VideoState => ({ status: 'failed', failure: { code, message } })

/** The service filters after it has made something, and then the film is not there. */
function filtered(response: JsonObject): VideoState {
  const reasons = response['raiMediaFilteredReasons']
  const said = Array.isArray(reasons) ? reasons.filter((each) => typeof each === 'string').join(' ') : ''
  return failed('content_filtered', said === '' ? 'The provider made no film, and did not say why.' : said)
}

function operationIn(text: string): JsonObject {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (cause) {
    throw new Fault('provider_malformed', 'what it told of the job is not JSON', { cause })
  }
  if (!isJsonObject(json) || typeof json['name'] !== 'string')
    throw new Fault('provider_malformed', 'what it told of the job is no operation')
  return json
}

/** A file of the Gemini API: `https://…/v1beta/files/NAME:download?alt=media`. */
function placeOf(asset: string | undefined): { readonly origin: string; readonly path: string } | undefined {
  const url = asset === undefined ? null : URL.parse(asset)
  return url?.protocol === 'https:' || url?.protocol === 'http:'
    ? { origin: url.origin, path: `${url.pathname}${url.search}` }
    : undefined
}

/** Operations stand beside the models: `/v1beta/models/NAME:method`, `/v1beta/models/NAME/operations/ID`. */
const beside = ({ path, id }: RemoteVideo): string => `${path.slice(0, path.lastIndexOf('/models/'))}/${id}`

export const veo = dialectOf('veo', {
  made: shapeOf,
  state: (video) => ({ method: 'GET', path: beside(video) }),
  readState(text) {
    const operation = operationIn(text)
    const going = unfinished(operation)
    if (going !== undefined) return going
    const response = objectIn(objectIn(operation['response'])['generateVideoResponse'])
    const [sample] = objectsIn(response['generatedSamples'])
    const asset = textIn(objectIn(sample?.['video'])['uri'])
    return asset === undefined ? filtered(response) : { status: 'completed', progress: 100, asset }
  },
  content({ asset }, variant) {
    const place = placeOf(asset)
    return variant !== 'video' || place === undefined ? undefined : { method: 'GET', ...place }
  },
  sendsOnTo: /(?:^|\.)(?:googleapis|googleusercontent)\.com$/,
})

const operationCall = ({ path, id }: RemoteVideo) =>
  ({
    method: 'POST',
    path: path.replace(/:predictLongRunning$/, ':fetchPredictOperation'),
    body: { operationName: id },
  }) as const

/** `gs://BUCKET/NAME`, where the project says that films are put there. */
const bucket = /^gs:\/\/([^/]+)\/(.+)$/

export const vertexVeo = dialectOf('vertex-veo', {
  made: shapeOf,
  state: operationCall,
  readState(text, isWhole) {
    // A film that is in its operation makes that longer than anybody reads: it is there when it begins.
    if (!isWhole) {
      if (/"done"\s*:\s*true/.test(text) && /"bytesBase64Encoded"\s*:\s*"/.test(text))
        return { status: 'completed', progress: 100 }
      throw new Fault('provider_malformed', 'what it told of the job is too long')
    }
    const operation = operationIn(text)
    const going = unfinished(operation)
    if (going !== undefined) return going
    const response = objectIn(operation['response'])
    const [film] = objectsIn(response['videos'])
    const asset = textIn(film?.['gcsUri'])
    if (asset === undefined && textIn(film?.['bytesBase64Encoded']) === undefined) return filtered(response)
    return { status: 'completed', progress: 100, ...(asset !== undefined && { asset }) }
  },
  content(video, variant) {
    if (variant !== 'video') return undefined
    if (video.asset === undefined) return { ...operationCall(video), base64In: 'bytesBase64Encoded' }
    const [, name = '', object = ''] = bucket.exec(video.asset) ?? []
    return {
      method: 'GET',
      origin: 'https://storage.googleapis.com',
      path: `/storage/v1/b/${encodeURIComponent(name)}/o/${encodeURIComponent(object)}?alt=media`,
    }
  },
  sendsOnTo: /^storage\.googleapis\.com$/,
})
