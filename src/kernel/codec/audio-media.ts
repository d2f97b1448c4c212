/** Answers that are sound: what speech dialects have in common. */
import type { Codec, MediaCodec } from '../dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { SpeechRequest } from '../../model/speech.ts'

/** Services that do not say which sound it is say that it is bytes. */
export const isAudio = (contentType: string): boolean =>
  /^(?:audio\/|application\/(?:octet-stream|ogg))/.test(contentType)

export const audioMedia: MediaCodec = { is: isAudio }

/** Nobody speaks in JSON. */
export const refuseDocument = (): never => {
  throw new Fault('provider_malformed', 'it sent a document instead of audio')
}

export const noDocument: Codec<never, SpeechRequest> = { decode: refuseDocument, encode: refuseDocument }
