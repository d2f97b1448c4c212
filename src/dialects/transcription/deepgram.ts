/**
 * Deepgram's protocol for recordings: the file is the body, everything else stands in the query.
 * https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded, https://developers.deepgram.com/docs/utterances
 * (read 2026-11-27).
 */
import { unitsOnly } from '../../kernel/codec/audio-usage.ts'
import { deepgramFaultCodec } from '../../kernel/codec/deepgram-errors.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded, TranscriptionDialect } from '../../kernel/dialect.ts'
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

const id = 'deepgram-listen'

/** It is asked, and never asks: there is no surface that speaks it. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

export const deepgramListen: TranscriptionDialect = {
  id,
  operation: 'transcribe',
  requestHeaders: [],
  mediaMarks: [],
  addressed: true,
  carries: 'file',
  head: neverServed,
  request: { decode: neverServed, encode },
  response: { decode, encode: neverServed },
  fault: deepgramFaultCodec,
  facts(body) {
    const { usage } = decode(body.json())
    return usage === undefined ? {} : { usage }
  },
}

function encode(request: TranscriptionRequest, { model }: EncodeContext<TranscriptionRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.prompt !== undefined) drop(lost, 'prompt', `${id} has no words for it`)
  if (request.temperature !== undefined) drop(lost, 'temperature', `${id} has no words for it`)
  const { format = 'json', language } = request
  const query = new URLSearchParams({ model, smart_format: 'true' })
  if (language === undefined) query.set('detect_language', 'true')
  else query.set('language', language)
  if (request.stream || (format !== 'json' && format !== 'text')) query.set('utterances', 'true')
  if (format === 'diarized_json') query.set('diarize', 'true')
  return { json: null, lost, address: `?${query.toString()}` }
}

const objectIn = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})
const listIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []
const numberIn = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0)

const speakerIn = (value: JsonValue | undefined): { readonly speaker?: string } =>
  typeof value === 'number' ? { speaker: String(value) } : {}

function decode(json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { results, metadata } = json
  const [channel, ...others] = listIn(objectIn(results)['channels'])
  const texts = [channel, ...others].map((each) => listIn(each?.['alternatives'])[0]?.['transcript'])
  const said = texts.filter((each) => typeof each === 'string')
  if (channel === undefined || said.length === 0)
    throw new Fault('provider_malformed', 'its answer has no `results.channels[0].alternatives[0].transcript`')
  const language = channel['detected_language']
  const { duration } = objectIn(metadata)
  const utterances = objectIn(results)['utterances']
  return {
    text: said.join('\n'),
    ...(typeof language === 'string' && { language }),
    ...(typeof duration === 'number' && { duration, usage: unitsOnly(Math.ceil(duration * 1000)) }),
    ...(Array.isArray(utterances) && { segments: listIn(utterances).map(segmentOf) }),
    words: listIn(listIn(channel['alternatives'])[0]?.['words']).map(wordOf),
  }
}

function segmentOf({ start, end, transcript, speaker }: JsonObject): TranscriptSegment {
  const text = typeof transcript === 'string' ? transcript : ''
  return { start: numberIn(start), end: numberIn(end), text, ...speakerIn(speaker) }
}

function wordOf({ start, end, word, punctuated_word: punctuated, speaker }: JsonObject): TranscriptWord {
  const text = [punctuated, word].find((each) => typeof each === 'string') ?? ''
  return { start: numberIn(start), end: numberIn(end), word: text, ...speakerIn(speaker) }
}
