/**
 * ElevenLabs' protocol for speech: the voice in the path, the format in the query. What can be played while it comes is asked for at
 * the stream; a WAV file begins with its length, so it is asked for whole.
 * https://elevenlabs.io/docs/api-reference/text-to-speech/stream, https://elevenlabs.io/docs/api-reference/text-to-speech/convert
 * (read 2026-11-27).
 */
import { audioMedia, noDocument, refuseDocument } from '../../kernel/codec/audio-media.ts'
import { elevenlabsFaultCodec } from '../../kernel/codec/elevenlabs-errors.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EncodeContext, Encoded, SpeechDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { charactersOf } from '../../model/speech.ts'
import type { SpeechFormat, SpeechRequest } from '../../model/speech.ts'
import { within } from './within.ts'
import { pathStep } from '../../kernel/path-step.ts'

const id = 'elevenlabs-speech'

const outputs: Readonly<Partial<Record<SpeechFormat, string>>> = {
  mp3: 'mp3_44100_128',
  opus: 'opus_48000_128',
  wav: 'wav_24000',
  pcm: 'pcm_24000',
}

export const elevenlabsSpeech: SpeechDialect = {
  id,
  operation: 'speech',
  requestHeaders: [],
  mediaMarks: [],
  head(body) {
    const spans = requestSpans(body)
    const text = spans.json('text')
    if (typeof text !== 'string') throw wrongType('text', 'the text to speak', text)
    const model = spans.json('model_id')
    return { model: typeof model === 'string' ? model : '', stream: false, units: { characters: charactersOf(text) } }
  },
  request: { decode, encode },
  response: noDocument,
  fault: elevenlabsFaultCodec,
  facts: refuseDocument,
  media: audioMedia,
}

function decode(json: unknown): SpeechRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const speed = reader.nested('voice_settings')?.number('speed')
  return {
    model: reader.string('model_id') ?? '',
    input: reader.requiredString('text'),
    ...(speed !== undefined && { speed }),
    events: false,
    ...reader.node(),
  }
}

function encode(request: SpeechRequest, { model }: EncodeContext<SpeechRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.instructions !== undefined)
    drop(lost, 'instructions', `${id} cannot be told how to speak but in the text`)
  if (request.voice === undefined || request.voice === '')
    throw new Fault('not_expressible', `${id} needs \`voice\`: the id of a voice of ElevenLabs.`, { param: 'voice' })
  const format = request.format ?? 'mp3'
  const output = outputs[format]
  if (output === undefined)
    throw new Fault('not_expressible', `${id} makes no ${format}, but ${Object.keys(outputs).join(', ')}.`, {
      param: 'response_format',
    })
  const writer = new MemberWriter(id, request)
  writer.set('text', request.input)
  writer.set('model_id', model)
  writer.set('voice_settings.speed', within(request.speed, 0.7, 1.2, id, lost))
  const streamed = format === 'wav' ? '' : '/stream'
  return {
    json: writer.finish(),
    lost,
    address: `/${pathStep(request.voice)}${streamed}?output_format=${output}`,
  }
}
