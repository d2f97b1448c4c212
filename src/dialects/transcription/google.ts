/**
 * Google Cloud's protocols for recordings, `recognize` in its two versions: the file stands in the JSON, and the answer has one result for
 * each stretch of speech. https://docs.cloud.google.com/speech-to-text/docs/reference/rest/v2/projects.locations.recognizers/recognize,
 * https://docs.cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize (read 2026-11-27).
 */
import { unitsOnly } from '../../kernel/codec/audio-usage.ts'
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { segmentsOf } from '../../kernel/codec/subtitles.ts'
import type { EncodeContext, Encoded, TranscriptionDialect } from '../../kernel/dialect.ts'
import { fileMark } from '../../kernel/inlined-files.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type {
  TranscriptSegment,
  TranscriptWord,
  TranscriptionRequest,
  TranscriptionResponse,
} from '../../model/transcription.ts'

/** What the versions call otherwise. */
interface Version {
  readonly id: string
  body(config: JsonObject, file: string): JsonObject
  config(request: TranscriptionRequest, model: string, asks: Asks): JsonObject
}

interface Asks {
  readonly times: boolean
  readonly speakers: boolean
}

/** "Content limits": https://docs.cloud.google.com/speech-to-text/docs/quotas. Longer recordings have to lie in the cloud's storage. */
const mostBytes = 10_000_000
const mostSpeakers = 6

const second: Version = {
  id: 'google-recognize',
  body: (config, content) => ({ config, content }),
  config: ({ language = 'auto' }, model, { times, speakers }) => ({
    autoDecodingConfig: {},
    model,
    languageCodes: [language],
    features: {
      enableAutomaticPunctuation: true,
      ...(times && { enableWordTimeOffsets: true }),
      ...(speakers && { diarizationConfig: { minSpeakerCount: 1, maxSpeakerCount: mostSpeakers } }),
    },
  }),
}

const first: Version = {
  id: 'google-recognize-v1',
  body: (config, content) => ({ config, audio: { content } }),
  config({ language, file }, model, { times, speakers }) {
    if (language === undefined)
      throw new Fault('not_expressible', `${first.id} must be told the \`language\`, such as en-US.`, {
        param: 'language',
      })
    return {
      ...encodingOf(file.type),
      model,
      languageCode: language,
      enableAutomaticPunctuation: true,
      ...(times && { enableWordTimeOffsets: true }),
      ...(speakers && {
        diarizationConfig: { enableSpeakerDiarization: true, minSpeakerCount: 1, maxSpeakerCount: mostSpeakers },
      }),
    }
  },
}

/** WAV and FLAC files tell it in their heads, all others have to be told of. */
function encodingOf(type: string): JsonObject {
  if (/mpeg|mp3/.test(type)) return { encoding: 'MP3', sampleRateHertz: 44_100 }
  if (/ogg|opus/.test(type)) return { encoding: 'OGG_OPUS', sampleRateHertz: 48_000 }
  if (type.includes('webm')) return { encoding: 'WEBM_OPUS', sampleRateHertz: 48_000 }
  return {}
}

export const googleRecognize = dialectOf(second)
export const googleRecognizeV1 = dialectOf(first)

function dialectOf(version: Version): TranscriptionDialect {
  const { id } = version
  /** It is asked, and never asks: there is no surface that speaks it. */
  const neverServed = (): never => {
    throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
  }
  return {
    id,
    operation: 'transcribe',
    requestHeaders: [],
    mediaMarks: [],
    addressed: true,
    head: neverServed,
    request: { decode: neverServed, encode: (request, context) => encode(version, request, context) },
    response: { decode, encode: neverServed },
    fault: googleFaultCodec,
    facts(body) {
      const { usage } = decode(body.json())
      return usage === undefined ? {} : { usage }
    },
  }
}

function encode(
  version: Version,
  request: TranscriptionRequest,
  { model, fileMark: mark = '' }: EncodeContext<TranscriptionRequest>,
): Encoded {
  const { id } = version
  if (request.file.size > mostBytes)
    throw new Fault('not_expressible', `${id} takes recordings of ${mostBytes} bytes at most.`, { param: 'file' })
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.prompt !== undefined) drop(lost, 'prompt', `${id} has no words for it`)
  if (request.temperature !== undefined) drop(lost, 'temperature', `${id} has no words for it`)
  const { format = 'json' } = request
  const asks = {
    times: request.stream || (format !== 'json' && format !== 'text'),
    speakers: format === 'diarized_json',
  }
  return { json: version.body(version.config(request, model, asks), fileMark(mark, request.file.upload)), lost }
}

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []

/** A duration as protocol buffers write it: `1.300s`. */
function secondsIn(value: JsonValue | undefined): number | undefined {
  const seconds = typeof value === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(value)?.[1] : undefined
  return seconds === undefined ? undefined : Number(seconds)
}

function decode(json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  // A recording in which nobody speaks has no results.
  const results = objectsIn(json['results'])
  if (json['results'] === undefined && json['metadata'] === undefined && json['totalBilledTime'] === undefined)
    throw new Fault('provider_malformed', 'its answer has no `results`')
  const best = results.map(({ alternatives }) => objectsIn(alternatives)[0] ?? {})
  const said = best.map(({ transcript }) => (typeof transcript === 'string' ? transcript.trim() : ''))
  const words = wordsOf(best)
  const language = results.map(({ languageCode }) => languageCode).find((each) => typeof each === 'string')
  const metadata = isJsonObject(json['metadata']) ? json['metadata'] : {}
  const billed = secondsIn(metadata['totalBilledDuration']) ?? secondsIn(json['totalBilledTime'])
  const duration = secondsIn(results.at(-1)?.['resultEndOffset'] ?? results.at(-1)?.['resultEndTime'])
  return {
    text: said.filter((each) => each !== '').join(' '),
    ...(language !== undefined && { language }),
    ...(duration !== undefined && { duration }),
    ...(words.length > 0 && { words, segments: segmentsOf(words) }),
    ...(words.length === 0 && { segments: stretches(results, said) }),
    ...(billed !== undefined && { usage: unitsOnly(Math.ceil(billed * 1000)) }),
  }
}

/** Where speakers are told, the last result has every word once more with its own; the others' words have none. */
function wordsOf(best: readonly JsonObject[]): TranscriptWord[] {
  const all = best.map(({ words }) => objectsIn(words).map(wordOf))
  const last = all.at(-1) ?? []
  return last.some(({ speaker }) => speaker !== undefined) ? last : all.flat()
}

function wordOf(told: JsonObject): TranscriptWord {
  const speaker = [told['speakerLabel'], told['speakerTag']].find(
    (each) => (typeof each === 'string' && each !== '') || (typeof each === 'number' && each > 0),
  )
  return {
    start: secondsIn(told['startOffset'] ?? told['startTime']) ?? 0,
    end: secondsIn(told['endOffset'] ?? told['endTime']) ?? 0,
    word: typeof told['word'] === 'string' ? told['word'] : '',
    ...((typeof speaker === 'string' || typeof speaker === 'number') && { speaker: String(speaker) }),
  }
}

/** Each result tells where it ends, and begins where the one before it does. */
function stretches(results: readonly JsonObject[], said: readonly string[]): TranscriptSegment[] {
  let start = 0
  return results.map((result, index) => {
    const end = secondsIn(result['resultEndOffset'] ?? result['resultEndTime']) ?? start
    const segment = { start, end, text: said[index] ?? '' }
    start = end
    return segment
  })
}
