/**
 * Google Cloud's protocol for speech, `text:synthesize`: the sound comes as base64 in one JSON object, and is taken out of it as it comes.
 * https://cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize,
 * https://docs.cloud.google.com/text-to-speech/docs/reference/rest/v1/AudioConfig (read 2026-11-27).
 */
import { Base64Member } from '../../bytes/base64-member.ts'
import { isAudio, noDocument, refuseDocument } from '../../kernel/codec/audio-media.ts'
import { decodeGoogleFault, googleErrorIn, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import type { AnswerFacts, EncodeContext, Encoded, MediaReader, SpeechDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SpeechFormat, SpeechRequest } from '../../model/speech.ts'
import { within } from './within.ts'

const id = 'google-synthesize'

/** It is asked, and never asks: there is no surface that speaks it. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

interface Output {
  readonly encoding: string
  readonly contentType: string
  readonly rate?: number
}

const outputs: Readonly<Partial<Record<SpeechFormat, Output>>> = {
  mp3: { encoding: 'MP3', contentType: 'audio/mpeg' },
  opus: { encoding: 'OGG_OPUS', contentType: 'audio/ogg' },
  wav: { encoding: 'LINEAR16', contentType: 'audio/wav', rate: 24_000 },
  pcm: { encoding: 'PCM', contentType: 'audio/pcm', rate: 24_000 },
}

function outputOf({ format = 'mp3' }: SpeechRequest): Output {
  const output = outputs[format]
  if (output !== undefined) return output
  throw new Fault('not_expressible', `${id} makes no ${format}, but ${Object.keys(outputs).join(', ')}.`, {
    param: 'response_format',
  })
}

export const googleSynthesize: SpeechDialect = {
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
      contentType: 'application/json',
      reader: (request) => new SynthesizedReader(outputOf(request as SpeechRequest).contentType),
    },
  },
}

function encode(request: SpeechRequest, { model }: EncodeContext<SpeechRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.instructions !== undefined)
    drop(lost, 'instructions', `${id} cannot be told how to speak: its voices are chosen by their names`)
  const name = voiceOf(model, request.voice, lost)
  const { encoding, rate } = outputOf(request)
  const speed = within(request.speed, 0.25, 2, id, lost)
  const json: JsonObject = {
    input: { text: request.input },
    voice: { languageCode: languageOf(name), name },
    audioConfig: {
      audioEncoding: encoding,
      ...(rate !== undefined && { sampleRateHertz: rate }),
      ...(speed !== undefined && { speakingRate: speed }),
    },
  }
  return { json, lost }
}

/** Names begin with a language and tell their kind: `en-US-Chirp3-HD-Kore`, `de-DE-Neural2-G`. */
const fullName = /^([a-z]{2,3}-(?:[A-Z]{2}|\d{3}))-.+/

const languageOf = (voice: string): string => fullName.exec(voice)?.[1] ?? ''

/** The model is a voice by itself, or a kind of voices of which the request names one. */
function voiceOf(model: string, voice: string | undefined, lost: Loss[]): string {
  if (fullName.test(model)) {
    if (voice !== undefined && voice !== model) adapt(lost, 'voice', `the model ${model} is a voice by itself`)
    return model
  }
  if (voice !== undefined && fullName.test(voice)) return voice
  throw new Fault(
    'not_expressible',
    `${id} needs the full name of a voice, such as \`en-US-Chirp3-HD-Kore\`: as \`voice\`, or as the model.`,
    { param: 'voice' },
  )
}

class SynthesizedReader implements MediaReader {
  readonly contentType: string
  readonly #sound = new Base64Member('audioContent')
  #size = 0

  constructor(contentType: string) {
    this.contentType = contentType
  }

  push(chunk: Uint8Array): Uint8Array {
    try {
      const sound = this.#sound.push(chunk)
      this.#size += sound.length
      return sound
    } catch (error) {
      throw new Fault('provider_malformed', `it left its protocol: ${String(error)}`, { cause: error })
    }
  }

  end(): Uint8Array {
    if (!this.#sound.begun) throw failureIn(this.#sound.before)
    if (!this.#sound.complete) throw new Fault('provider_cut', 'The answer broke off before its end.', { upstream: {} })
    if (this.#size === 0) throw new Fault('provider_error', 'The service answered without any sound.', { upstream: {} })
    return new Uint8Array(0)
  }

  facts(): AnswerFacts {
    return {}
  }
}

/** An answer that has no sound. */
function failureIn(text: string): Fault {
  try {
    const error = googleErrorIn(JSON.parse(text))
    if (error !== undefined) return decodeGoogleFault(undefined, error)
  } catch {
    // It is no JSON, either.
  }
  return new Fault('provider_malformed', 'its answer has no `audioContent`')
}
