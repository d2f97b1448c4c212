/** Requests in OpenAI's protocol: fields of a form, all of them texts. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { headModel, requestSpans } from '../../kernel/codec/request-head.ts'
import type { Body } from '../../kernel/body.ts'
import type { EncodeContext, Encoded, RequestHead } from '../../kernel/dialect.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { transcriptFormats } from '../../model/transcription.ts'
import type { TranscriptFormat, TranscriptionRequest } from '../../model/transcription.ts'

/** What services of the protocol call otherwise, or have not. */
export interface RequestWire {
  readonly id: string
  /** The list of times to tell. */
  readonly times: string
  /** It has the forms of transcripts to choose from. */
  readonly hasFormats: boolean
  readonly hasPrompt: boolean
}

/** Of recorded sound, in tokens: what Gemini counts, which is the most of all: https://ai.google.dev/gemini-api/docs/tokens (read 2026-11-28). */
const tokensPerSecond = 32
/** People say about 150 words a minute. */
const spokenTokensPerSecond = 4
const reserve = 2

export function readHead(body: Body<TranscriptionRequest>): RequestHead {
  const spans = requestSpans(body)
  const audioMs = audioMsIn(spans.json('file'))
  const seconds = Math.ceil(audioMs / 1000)
  return {
    model: headModel(spans),
    stream: flagOf('stream', spans.json('stream')),
    // Some bill whole seconds, and at least one.
    units: { audio_ms: seconds * 1000 },
    inputTokens: seconds * tokensPerSecond,
    usualOutput: seconds * spokenTokensPerSecond,
    maxOutputTokens: seconds * spokenTokensPerSecond * reserve,
  }
}

export function audioMsIn(file: unknown): number {
  const told = isJsonObject(file) ? file['audio_ms'] : undefined
  return typeof told === 'number' && told >= 0 ? told : 0
}

function flagOf(name: string, value: unknown): boolean {
  if (value === undefined || value === '' || value === 'false' || value === 'False') return false
  if (value === 'true' || value === 'True') return true
  throw wrongType(name, 'true or false', value)
}

export function decodeRequest({ id, times: timesName }: RequestWire, json: unknown): TranscriptionRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'the fields of a form', json)
  const reader = new MemberReader(id, json, '')
  const file = reader.take('file')
  const language = reader.string('language')
  const prompt = reader.string('prompt')
  const temperature = numberIn(reader, 'temperature')
  const format = formatIn(reader)
  const times = timesIn(reader, timesName)
  const stream = reader.string('stream')
  if (stream !== undefined) reader.note('stream', stream)
  return {
    model: reader.requiredString('model'),
    file: fileOf(file),
    ...(language !== undefined && language !== '' && { language }),
    ...(prompt !== undefined && prompt !== '' && { prompt }),
    ...(temperature !== undefined && { temperature }),
    ...(format !== undefined && { format }),
    ...(times !== undefined && { times }),
    stream: flagOf('stream', stream),
    ...reader.node(),
  }
}

export function fileOf(file: JsonValue | undefined): TranscriptionRequest['file'] {
  const told = isJsonObject(file) ? file : {}
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
  return {
    upload: number(told['upload']),
    name: text(told['name']),
    type: text(told['type']),
    size: number(told['size']),
    audioMs: audioMsIn(file),
  }
}

function numberIn(reader: MemberReader, key: string): number | undefined {
  const text = reader.string(key)
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) throw invalidRequest(key, `\`${key}\` must be a number, but is ${JSON.stringify(text)}.`)
  reader.note(key, text)
  return value
}

function formatIn(reader: MemberReader): TranscriptFormat | undefined {
  const text = reader.string('response_format')
  if (text === undefined || text === '') return undefined
  const format = transcriptFormats.find((each) => each === text)
  if (format !== undefined) return format
  throw invalidRequest(
    'response_format',
    `\`response_format\` must be one of ${transcriptFormats.join(', ')}, but is ${JSON.stringify(text)}.`,
  )
}

/** Sent several times, under its name or, as OpenAI's libraries do, with brackets. */
function timesIn(reader: MemberReader, name: string): ('word' | 'segment')[] | undefined {
  const key = [name, 'timestamp_granularities[]', 'timestamp_granularities'].find((each) => reader.has(each))
  if (key === undefined) return undefined
  const value = reader.take(key)
  reader.note('times', key)
  if (!Array.isArray(value)) reader.note('timesOnce', true)
  return (Array.isArray(value) ? value : [value]).map((each) => {
    if (each === 'word' || each === 'segment') return each
    throw invalidRequest(key, `\`${key}\` must be word or segment, but is ${JSON.stringify(each)}.`)
  })
}

export function encodeRequest(
  wire: RequestWire,
  request: TranscriptionRequest,
  { model, transcripts }: EncodeContext<TranscriptionRequest>,
): Encoded {
  const { id } = wire
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const { format, times } = fitted(wire, request, transcripts)
  writer.set('model', model)
  const { audioMs, ...file } = request.file
  writer.set('file', { ...file, audio_ms: audioMs })
  writer.set('language', request.language)
  if (wire.hasPrompt) writer.set('prompt', request.prompt)
  else if (request.prompt !== undefined) drop(lost, 'prompt', `${id} has no words for it`)
  if (request.temperature !== undefined)
    writer.set('temperature', writer.note('temperature') ?? String(request.temperature))
  writer.set('response_format', format)
  const name = writer.note('times')
  if (times !== undefined)
    writer.set(typeof name === 'string' ? name : wire.times, writer.note('timesOnce') === true ? times[0] : [...times])
  // Without a word on what it writes it streams, too; what is asked of others is a document.
  if (transcripts === undefined && wire.hasFormats) {
    const stream = writer.note('stream')
    if (stream !== undefined || request.stream) writer.set('stream', stream ?? 'true')
  }
  return { json: writer.finish(), lost }
}

/** What to ask for, so that the form that is wanted can be made of it. */
function fitted(
  { hasFormats }: RequestWire,
  request: TranscriptionRequest,
  transcripts: readonly TranscriptFormat[] | undefined,
): Pick<TranscriptionRequest, 'format' | 'times'> {
  const { format, times } = request
  const needsTimes = format !== undefined && format !== 'json' && format !== 'text'
  const told = times === undefined ? {} : { times }
  if (!hasFormats) return needsTimes ? { times: times ?? ['segment'] } : told
  if (format === undefined || transcripts === undefined || transcripts.includes(format))
    return { ...(format !== undefined && { format }), ...told }
  return needsTimes && transcripts.includes('verbose_json') ? { format: 'verbose_json', ...told } : { format: 'json' }
}
