/**
 * ElevenLabs' protocol for recordings: a form, answered with every word and its times.
 * https://elevenlabs.io/docs/api-reference/speech-to-text/convert, as quoted in
 * https://github.com/aviz85/elevenlabs-bridge/blob/main/docs/eleven-labs-scribe.md (read 2026-11-27).
 */
import { elevenlabsFaultCodec } from '../../kernel/codec/elevenlabs-errors.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { segmentsOf } from '../../kernel/codec/subtitles.ts'
import type { EncodeContext, Encoded, TranscriptionDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { TranscriptWord, TranscriptionRequest, TranscriptionResponse } from '../../model/transcription.ts'

const id = 'elevenlabs-transcriptions'

/** It is asked, and never asks: there is no surface that speaks it. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

export const elevenlabsTranscriptions: TranscriptionDialect = {
  id,
  operation: 'transcribe',
  requestHeaders: [],
  mediaMarks: [],
  carries: 'form',
  head: neverServed,
  request: { decode: neverServed, encode },
  response: { decode, encode: neverServed },
  fault: elevenlabsFaultCodec,
  facts(body) {
    decode(body.json())
    return {}
  },
}

function encode(request: TranscriptionRequest, { model }: EncodeContext<TranscriptionRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.prompt !== undefined) drop(lost, 'prompt', `${id} has no words for it`)
  const { upload, name, type, size } = request.file
  const json: JsonObject = {
    file: { upload, name, type, size },
    model_id: model,
    // Other services write down what is said, and no laughter.
    tag_audio_events: 'false',
    timestamps_granularity: 'word',
    ...(request.language !== undefined && { language_code: request.language }),
    ...(request.temperature !== undefined && { temperature: String(request.temperature) }),
    ...(request.format === 'diarized_json' && { diarize: 'true' }),
  }
  return { json, lost }
}

function decode(json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { text, language_code: language, words: told } = json
  if (typeof text !== 'string') throw new Fault('provider_malformed', 'its answer has no `text`')
  const words = (Array.isArray(told) ? told : []).flatMap((each) =>
    isJsonObject(each) && (each['type'] ?? 'word') === 'word' ? [wordOf(each)] : [],
  )
  return {
    text,
    ...(typeof language === 'string' && { language }),
    ...(words.length > 0 && { words, segments: segmentsOf(words) }),
  }
}

function wordOf({ text, start, end, speaker_id: speaker }: JsonObject): TranscriptWord {
  return {
    start: typeof start === 'number' ? start : 0,
    end: typeof end === 'number' ? end : 0,
    word: typeof text === 'string' ? text : '',
    ...(typeof speaker === 'string' && { speaker }),
  }
}
