/**
 * Deepgram's protocol for speech: the text in the body, everything else in the query, and the voice in the name of the model.
 * https://developers.deepgram.com/reference/text-to-speech/speak-request,
 * https://developers.deepgram.com/docs/tts-media-output-settings, https://developers.deepgram.com/docs/tts-voice-controls
 * (all read 2026-11-27).
 */
import { audioMedia, noDocument, refuseDocument } from '../../kernel/codec/audio-media.ts'
import { deepgramFaultCodec } from '../../kernel/codec/deepgram-errors.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EncodeContext, Encoded, RequestAddress, SpeechDialect } from '../../kernel/dialect.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { charactersOf } from '../../model/speech.ts'
import type { SpeechFormat, SpeechRequest } from '../../model/speech.ts'
import { within } from './within.ts'

const id = 'deepgram-speak'

const outputs: Readonly<Record<SpeechFormat, Readonly<Record<string, string>>>> = {
  mp3: { encoding: 'mp3' },
  opus: { encoding: 'opus', container: 'ogg' },
  aac: { encoding: 'aac' },
  flac: { encoding: 'flac' },
  wav: { encoding: 'linear16', container: 'wav', sample_rate: '24000' },
  pcm: { encoding: 'linear16', container: 'none', sample_rate: '24000' },
}

export const deepgramSpeak: SpeechDialect = {
  id,
  operation: 'speech',
  requestHeaders: [],
  mediaMarks: [],
  addressed: true,
  head(body, address) {
    const text = requestSpans(body).json('text')
    if (typeof text !== 'string') throw wrongType('text', 'the text to speak', text)
    return { model: address?.model ?? '', stream: false, units: { characters: charactersOf(text) } }
  },
  request: { decode, encode },
  response: noDocument,
  fault: deepgramFaultCodec,
  facts: refuseDocument,
  media: audioMedia,
}

function decode(json: unknown, address?: RequestAddress): SpeechRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  return { model: address?.model ?? '', input: reader.requiredString('text'), events: false, ...reader.node() }
}

function encode(request: SpeechRequest, { model }: EncodeContext<SpeechRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.instructions !== undefined)
    drop(lost, 'instructions', `${id} cannot be told how to speak: its voices are chosen by the model's name`)
  const query = new URLSearchParams({
    model: voiceModel(model, request.voice, lost),
    ...outputs[request.format ?? 'mp3'],
  })
  const speed = within(request.speed, 0.7, 1.5, id, lost)
  if (speed !== undefined) query.set('speed', String(speed))
  return { json: { text: request.input }, lost, address: `?${query.toString()}` }
}

/** Names are made of a model, a voice and a language, `aura-2-thalia-en`: the voice completes the name of a mere model. */
function voiceModel(model: string, voice: string | undefined, lost: Loss[]): string {
  if (voice === undefined || model.includes(`-${voice}`)) return model
  if (/^aura(?:-\d+)?$/.test(model)) return voice.startsWith(`${model}-`) ? voice : `${model}-${voice}`
  adapt(lost, 'voice', `the model ${model} is a voice by itself`)
  return model
}
