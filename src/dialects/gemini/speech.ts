/**
 * Gemini that speaks: `streamGenerateContent` with sound for its modality. The sound comes as it is made, uncompressed, in the events of the
 * answer, with the tokens that it took; it is handed on as it is or, with a head before it, as a WAV file.
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/text-to-speech/migration-guide,
 * https://ai.google.dev/gemini-api/docs/speech-generation (read 2026-11-27); members as @google/genai 3.3.0 writes them.
 */
import { isAudio, noDocument, refuseDocument } from '../../kernel/codec/audio-media.ts'
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import type { EncodeContext, Encoded, SpeechDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SpeechRequest } from '../../model/speech.ts'
import { SpeechReader } from './speech-reader.ts'

const id = 'gemini-speech'

/** It is asked, and never asks: clients of Google's protocol ask for sound as for any other answer. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

export const geminiSpeech: SpeechDialect = {
  id,
  operation: 'speech',
  requestHeaders: [],
  mediaMarks: [],
  addressed: true,
  head: neverServed,
  request: { decode: neverServed, encode },
  response: noDocument,
  fault: googleFaultCodec,
  facts: refuseDocument,
  media: {
    is: isAudio,
    wrapped: {
      contentType: 'text/event-stream',
      reader: (request) => new SpeechReader((request as SpeechRequest).format === 'pcm' ? 'pcm' : 'wav'),
    },
  },
}

/** Those before 3.8 are told how to speak in the text itself, since they have no member for it. */
const toldInText = (model: string): boolean => /gemini-(?:2|3\.[0-7])(?:\D|$)/.test(model)
/** Voices that a user has made. */
const isOwnVoice = (voice: string): boolean => /^voice(?:key)?_/.test(voice)

function encode(request: SpeechRequest, { model }: EncodeContext<SpeechRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const { format, instructions, voice } = request
  if (format !== undefined && format !== 'wav' && format !== 'pcm')
    throw new Fault('not_expressible', `${id} makes no ${format}, but wav and pcm.`, { param: 'response_format' })
  if (format === undefined) adapt(lost, 'response_format', `${id} makes no mp3; the answer is wav`)
  if (request.speed !== undefined)
    drop(lost, 'speed', `${id} is told how fast to speak in words alone: \`instructions\``)
  const inText = instructions !== undefined && toldInText(model)
  const part: JsonObject = {
    text: inText ? `${instructions}:\n${request.input}` : request.input,
    ...(instructions !== undefined && !inText && { speechMetadata: { style: instructions } }),
  }
  return { json: { contents: [{ role: 'user', parts: [part] }], generationConfig: configOf(voice) }, lost }
}

function configOf(voice: string | undefined): JsonObject {
  if (voice === undefined || voice === '') return { responseModalities: ['AUDIO'] }
  const voiceConfig: JsonObject = isOwnVoice(voice) ? { voice } : { prebuiltVoiceConfig: { voiceName: voice } }
  return { responseModalities: ['AUDIO'], speechConfig: { voiceConfig } }
}
