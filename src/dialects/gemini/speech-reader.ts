/** Takes the sound out of the events of an answer, and what they tell beside it: tokens, and why it ends. */
import { parseJson } from '../../bytes/parse-json.ts'
import { SseLineTooLongError, SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { wavHead, wavSoundStart } from '../../bytes/wav-head.ts'
import { decodeGoogleFault, googleErrorIn } from '../../kernel/codec/google-errors.ts'
import type { AnswerFacts, MediaReader } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'
import { malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

const usualRate = 24_000
/** Models that do not stream send all of it in one event. */
const longestEvent = 64 << 20
/** Why an answer ends that will be no other when it is asked for again. */
const refusals = new Set(['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE'])

export class SpeechReader implements MediaReader {
  readonly contentType: string
  readonly #format: 'wav' | 'pcm'
  readonly #events = new SseReader({ maxLineBytes: longestEvent })
  #begun = false
  #finished = false
  #usage: Usage | undefined
  #model: string | undefined

  constructor(format: 'wav' | 'pcm') {
    this.#format = format
    this.contentType = format === 'wav' ? 'audio/wav' : 'audio/pcm'
  }

  push(chunk: Uint8Array): Uint8Array {
    try {
      return Buffer.concat(this.#events.push(chunk).flatMap((event) => this.#take(event)))
    } catch (error) {
      if (error instanceof SseLineTooLongError) throw malformed(error.message, error)
      throw error
    }
  }

  end(): Uint8Array {
    const rest = Buffer.concat(this.#events.end().flatMap((event) => this.#take(event)))
    if (!this.#finished) throw new Fault('provider_cut', 'The answer broke off before its end.', { upstream: {} })
    if (!this.#begun) throw new Fault('provider_error', 'The model answered without any sound.', { upstream: {} })
    return rest
  }

  facts(): AnswerFacts {
    return {
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#model !== undefined && { model: this.#model }),
    }
  }

  #take({ data }: SseEvent): Buffer[] {
    const json = objectIn(data)
    const error = googleErrorIn(json)
    if (error !== undefined) throw decodeGoogleFault(undefined, error)
    if (json === undefined) throw malformed('an event of its stream is not JSON.')
    this.#usage = decodeUsage(json['usageMetadata']) ?? this.#usage
    if (typeof json['modelVersion'] === 'string') this.#model = json['modelVersion']
    const blocked = isJsonObject(json['promptFeedback']) ? json['promptFeedback']['blockReason'] : undefined
    if (typeof blocked === 'string') throw refused(blocked)
    const [candidate] = objectsIn(json['candidates'])
    if (candidate === undefined) return []
    const content = isJsonObject(candidate['content']) ? candidate['content'] : {}
    const sound = objectsIn(content['parts']).flatMap((part) => this.#soundIn(part))
    const reason = candidate['finishReason']
    if (typeof reason === 'string') this.#finish(reason)
    return sound
  }

  #soundIn({ inlineData }: JsonObject): Buffer[] {
    if (!isJsonObject(inlineData)) return []
    const { mimeType, data } = inlineData
    if (typeof data !== 'string' || typeof mimeType !== 'string' || !/^audio\/(?:l16|pcm|wav|x-wav)\b/i.test(mimeType))
      throw malformed(`its sound is ${typeof mimeType === 'string' ? mimeType : 'of no type'}.`)
    const bytes = Buffer.from(data, 'base64')
    const sound = bytes.subarray(wavSoundStart(bytes) ?? 0)
    if (this.#begun || this.#format === 'pcm') {
      this.#begun ||= sound.length > 0
      return [sound]
    }
    this.#begun = true
    const rate = Number(/rate=(\d+)/i.exec(mimeType)?.[1] ?? usualRate)
    return [wavHead({ rate, channels: 1, bits: 16 }), sound]
  }

  #finish(reason: string): void {
    this.#finished = true
    if (reason === 'STOP') return
    if (refusals.has(reason)) throw refused(reason)
    if (reason === 'MAX_TOKENS')
      throw new Fault('provider_cut', 'The text is longer than the model can speak at once.', { upstream: {} })
    throw new Fault('provider_error', `The model stopped speaking (${reason}).`, { upstream: { code: reason } })
  }
}

const refused = (reason: string): Fault =>
  new Fault('provider_rejected', `The model does not speak this text (${reason}).`, {
    status: 400,
    upstream: { code: reason },
  })

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []

function objectIn(data: string): JsonObject | undefined {
  try {
    const json = parseJson(data)
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}
