/**
 * AssemblyAI's protocol for recordings: a file is put up, and then a transcript of it is ordered and asked about until it is there. The order
 * stands in the address here; the provider's transport makes the several calls of it.
 * https://www.assemblyai.com/docs/openapi.json, https://www.assemblyai.com/docs/pre-recorded-audio/select-the-speech-model,
 * https://assemblyai.com/docs/pre-recorded-audio/transcript-status (read 2026-11-27).
 */
import { unitsOnly } from '../../kernel/codec/audio-usage.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { namedMessageOf, plainFault } from '../../kernel/codec/plain-fault.ts'
import { segmentsOf } from '../../kernel/codec/subtitles.ts'
import type { EncodeContext, Encoded, FaultCodec, TranscriptionDialect } from '../../kernel/dialect.ts'
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

const id = 'assemblyai-transcripts'

/** It is asked, and never asks: there is no surface that speaks it. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

/** `{ error }`, with the status for the kind: https://assemblyai.com/docs/guides/common_errors_and_solutions */
const faultCodec: FaultCodec = {
  decode(status, body, headers) {
    const message = isJsonObject(body) ? body['error'] : undefined
    return plainFault(status, body, headers, { message })
  },
  encode: (fault) => ({ status: fault.status, json: { error: namedMessageOf(fault) } }),
}

export const assemblyaiTranscripts: TranscriptionDialect = {
  id,
  operation: 'transcribe',
  requestHeaders: [],
  mediaMarks: [],
  addressed: true,
  carries: 'file',
  head: neverServed,
  request: { decode: neverServed, encode },
  response: { decode, encode: neverServed },
  fault: faultCodec,
  facts(body) {
    const { usage } = decode(body.json())
    return usage === undefined ? {} : { usage }
  },
}

/** What only the models of this line understand. */
const takesPrompt = (model: string): boolean => model.startsWith('universal-3')

function encode(request: TranscriptionRequest, { model }: EncodeContext<TranscriptionRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const prompt = takesPrompt(model) ? request.prompt : undefined
  if (request.prompt !== undefined && prompt === undefined) drop(lost, 'prompt', `${model} takes none`)
  if (request.temperature !== undefined) drop(lost, 'temperature', `${id} has no words for it`)
  const order: JsonObject = {
    speech_models: [model],
    ...(request.language === undefined ? { language_detection: true } : { language_code: request.language }),
    ...(prompt !== undefined && { prompt }),
    ...(request.format === 'diarized_json' && { speaker_labels: true }),
  }
  return { json: null, lost, address: `?${new URLSearchParams({ order: JSON.stringify(order) }).toString()}` }
}

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []
/** Times are told in milliseconds. */
const secondsIn = (value: JsonValue | undefined): number => (typeof value === 'number' ? value / 1000 : 0)
const textIn = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
const speakerIn = ({ speaker }: JsonObject): { readonly speaker?: string } =>
  typeof speaker === 'string' ? { speaker } : {}

function decode(json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { status, text, language_code: language, audio_duration: duration, utterances, error } = json
  if (status === 'error') throw failure(textIn(error))
  if (typeof text !== 'string' && (text !== null || status !== 'completed'))
    throw new Fault('provider_malformed', 'its answer has no `text`')
  const words = objectsIn(json['words']).map(wordOf)
  const spoken = objectsIn(utterances).map(segmentOf)
  return {
    text: text ?? '',
    ...(typeof language === 'string' && { language }),
    ...(typeof duration === 'number' && { duration, usage: unitsOnly(Math.ceil(duration * 1000)) }),
    ...(words.length > 0 && { words, segments: spoken.length > 0 ? spoken : segmentsOf(words) }),
  }
}

/** The service tells in words alone whose fault it was; a recording that it cannot read it will never read. */
function failure(message: string): Fault {
  const ours = /server|internal|try again|resubmit/i.test(message)
  return new Fault(
    ours ? 'provider_error' : 'provider_rejected',
    message === '' ? 'The recording could not be written down, and the service did not say why.' : message,
    { ...(!ours && { status: 422 }), upstream: {} },
  )
}

const wordOf = (word: JsonObject): TranscriptWord => ({
  start: secondsIn(word['start']),
  end: secondsIn(word['end']),
  word: textIn(word['text']),
  ...speakerIn(word),
})

const segmentOf = (spoken: JsonObject): TranscriptSegment => ({
  start: secondsIn(spoken['start']),
  end: secondsIn(spoken['end']),
  text: textIn(spoken['text']),
  ...speakerIn(spoken),
})
