/** Answers in OpenAI's protocol: JSON with or without times, text, subtitles, or events. */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { audioUsageOf, tokensAsUsage, unitsOnly } from '../../kernel/codec/audio-usage.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'
import { segmentsOf, srtOf, subtitlesEnd, vttOf } from '../../kernel/codec/subtitles.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, EncodeContext, Encoded } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type {
  TranscriptSegment,
  TranscriptWord,
  TranscriptionRequest,
  TranscriptionResponse,
} from '../../model/transcription.ts'
import type { Usage } from '../../model/usage.ts'

const text = 'text/plain; charset=utf-8'
const openBrace = 0x7b

/** The usage of Mistral: seconds of sound and tokens in one. */
function usageIn(told: JsonValue | undefined, id: string, duration: number | undefined): Usage | undefined {
  if (isJsonObject(told) && typeof told['prompt_audio_seconds'] === 'number')
    return { ...unitsOnly(Math.ceil(told['prompt_audio_seconds'] * 1000)), raw: { [id]: told } }
  return audioUsageOf(told, id) ?? (duration === undefined ? undefined : unitsOnly(Math.ceil(duration * 1000)))
}

export function decodeResponse(id: string, json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  throwIfOpenaiError(json)
  const reader = new MemberReader(id, json, '')
  const said = reader.requiredString('text')
  const language = reader.string('language')
  const duration = secondsIn(reader)
  const segments = reader.list('segments')?.map((item, index) => readSegment(id, item, joinPath('segments', index)))
  const words = reader.list('words')?.map((item, index) => readWord(id, item, joinPath('words', index)))
  const usage = usageIn(reader.take('usage'), id, duration)
  return {
    text: said,
    ...(language !== undefined && { language }),
    ...(duration !== undefined && { duration }),
    ...(segments !== undefined && { segments }),
    ...(words !== undefined && { words }),
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

/** Some services write it as a text. */
function secondsIn(reader: MemberReader): number | undefined {
  const value = reader.peek('duration')
  if (typeof value !== 'string') return reader.number('duration')
  reader.take('duration')
  reader.note('durationText', value)
  const seconds = Number(value)
  return Number.isFinite(seconds) && value !== '' ? seconds : undefined
}

function readSegment(id: string, item: JsonValue, path: string): TranscriptSegment {
  if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
  const reader = new MemberReader(id, item, path)
  const speaker = reader.string('speaker')
  return {
    start: reader.number('start') ?? 0,
    end: reader.number('end') ?? 0,
    text: reader.requiredString('text'),
    ...(speaker !== undefined && { speaker }),
    ...reader.node(),
  }
}

function readWord(id: string, item: JsonValue, path: string): TranscriptWord {
  if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
  const reader = new MemberReader(id, item, path)
  return {
    start: reader.number('start') ?? 0,
    end: reader.number('end') ?? 0,
    word: reader.requiredString('word'),
    ...reader.node(),
  }
}

/** Of what is passed through: a text tells its length if it is subtitles. */
export function readFacts(id: string, body: Body<TranscriptionResponse>, contentType: string | undefined): AnswerFacts {
  const bytes = body.bytes()
  const isJson = contentType?.includes('json') ?? bytes.find((byte) => byte > 0x20) === openBrace
  if (!isJson) {
    if (contentType?.includes('html') === true)
      throw new Fault('provider_malformed', `it sent ${contentType} instead of a transcript`)
    const end = subtitlesEnd(Buffer.from(bytes).toString('utf8'))
    return end === undefined ? {} : { usage: { ...unitsOnly(Math.ceil(end * 1000)), estimated: true } }
  }
  const spans = body.spans()
  if (typeof spans.json('text') !== 'string') {
    throwIfOpenaiError(body.json() as JsonObject)
    throw new Fault('provider_malformed', 'its answer has no `text`')
  }
  const duration = Number(spans.json('duration') ?? Number.NaN)
  const usage = usageIn(
    (spans.json('usage') ?? undefined) as JsonValue | undefined,
    id,
    Number.isFinite(duration) ? duration : undefined,
  )
  return usage === undefined ? {} : { usage }
}

export function encodeResponse(
  id: string,
  answer: TranscriptionResponse,
  { request }: EncodeContext<TranscriptionRequest>,
): Encoded {
  const plain = (said: string): Encoded => ({ json: said, lost: [], text: { contentType: text, text: said } })
  if (request?.stream === true) return { json: null, lost: [], text: inEvents(answer) }
  switch (request?.format) {
    case 'text':
      return plain(`${answer.text}\n`)
    case 'srt':
      return plain(srtOf(segmentsIn(answer, request)))
    case 'vtt':
      return plain(vttOf(segmentsIn(answer, request)))
    case 'diarized_json':
      return { json: diarized(answer, request), lost: [] }
    case 'verbose_json':
      return { json: verbose(id, answer, request), lost: [] }
    case 'json':
      return { json: short(answer), lost: [] }
    default:
      return { json: request === undefined ? whole(id, answer) : short(answer), lost: [] }
  }
}

/** Without any times it is all one: as long as the recording is. */
function segmentsIn(answer: TranscriptionResponse, { file }: TranscriptionRequest): readonly TranscriptSegment[] {
  if (answer.segments !== undefined && answer.segments.length > 0) return answer.segments
  if (answer.words !== undefined && answer.words.length > 0) return segmentsOf(answer.words)
  if (answer.text.trim() === '') return []
  return [{ start: 0, end: answer.duration ?? file.audioMs / 1000, text: answer.text }]
}

const usageOf = ({ usage }: TranscriptionResponse): JsonObject => {
  if (usage === undefined) return {}
  const ms = usage.units?.['audio_ms']
  if (ms === undefined || usage.input.total > 0) return { usage: tokensAsUsage(usage) }
  return { usage: { type: 'duration', seconds: Math.ceil(ms / 1000) } }
}

const short = (answer: TranscriptionResponse): JsonObject => ({ text: answer.text, ...usageOf(answer) })

/** Nothing that the service did not tell is made up: logarithms of probabilities, say. */
function verbose(id: string, answer: TranscriptionResponse, request: TranscriptionRequest): JsonObject {
  const times = request.times ?? ['segment']
  return {
    task: id === 'openai-translations' ? 'translate' : 'transcribe',
    ...(answer.language !== undefined && { language: answer.language }),
    duration: answer.duration ?? request.file.audioMs / 1000,
    text: answer.text,
    ...(times.includes('segment') && {
      segments: segmentsIn(answer, request).map((segment, index) => ({
        id: index,
        ...segment.extra?.[id],
        start: segment.start,
        end: segment.end,
        text: segment.text,
      })),
    }),
    ...(times.includes('word') &&
      answer.words !== undefined && {
        words: answer.words.map(({ word, start, end }) => ({ word, start, end })),
      }),
    ...usageOf(answer),
  }
}

const diarized = (answer: TranscriptionResponse, request: TranscriptionRequest): JsonObject => ({
  task: 'transcribe',
  duration: answer.duration ?? request.file.audioMs / 1000,
  text: answer.text,
  segments: segmentsIn(answer, request).map(({ start, end, text: said, speaker }, index) => ({
    type: 'transcript.text.segment',
    id: `seg_${index}`,
    start,
    end,
    text: said,
    speaker: speaker ?? 'A',
  })),
  ...usageOf(answer),
})

/** As it was told, whatever had been asked for. */
function whole(id: string, answer: TranscriptionResponse): JsonObject {
  const writer = new MemberWriter(id, answer)
  writer.set('text', answer.text)
  writer.set('language', answer.language)
  writer.set('duration', writer.note('durationText') ?? answer.duration)
  writer.set(
    'segments',
    answer.segments?.map((segment) => timed(id, segment)),
  )
  writer.set(
    'words',
    answer.words?.map((word) => timed(id, word)),
  )
  writer.set('usage', answer.usage?.raw?.[id])
  return writer.finish()
}

function timed(id: string, piece: TranscriptSegment | TranscriptWord): JsonObject {
  const writer = new MemberWriter(id, piece)
  writer.set('start', piece.start)
  writer.set('end', piece.end)
  if ('word' in piece) writer.set('word', piece.word)
  else {
    writer.set('text', piece.text)
    writer.set('speaker', piece.speaker)
  }
  return writer.finish()
}

/** One piece, since it was all there at once. */
function inEvents(answer: TranscriptionResponse): { contentType: string; text: string } {
  const event = (json: JsonObject): string => formatSseEvent({ data: JSON.stringify(json) })
  const said = answer.text === '' ? '' : event({ type: 'transcript.text.delta', delta: answer.text })
  const done = event({ type: 'transcript.text.done', text: answer.text, ...usageOf(answer) })
  return { contentType: 'text/event-stream', text: said + done }
}
