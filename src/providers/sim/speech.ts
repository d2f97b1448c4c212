/**
 * Speech in OpenAI's protocol: a WAV file of tones, one for each character, as long as the text is. The text goes along in a chunk of
 * its own, so that the simulator can write down what it has said. Compressed sound it has none of: whichever file is asked for, it
 * is a WAV file, and the content type says so.
 * https://developers.openai.com/api/reference/resources/audio/subresources/speech/methods/create
 */
import type { JsonObject } from '../../model/json.ts'
import { charactersOf, speechFormats } from '../../model/speech.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { countTokens } from './tokens.ts'
import type { WireCall, WireEvent } from './wire.ts'

/** The most that OpenAI takes. */
const longestInput = 4096
export const sampleRate = 24_000
const bytesPerSample = 2
/** How long a character takes, in milliseconds, at the usual speed. */
const msPerCharacter = 60
/** Of tokens of sound in a second. */
const tokensPerSecond = 20
/** Samples in one piece of the answer. */
const pieceSamples = 8192
const loudness = 8000
/** Pieces of an answer in events. */
const deltas = 8

/** The chunk of a WAV file that the text is in. */
export const textChunk = 'sims'

export interface SimSpeech {
  readonly promptTokens: number
  readonly outputTokens: number
  readonly contentType: string
  sound(): Iterable<Uint8Array>
  /** Set where it is to come in events. */
  readonly events: ((call: WireCall) => WireEvent[]) | undefined
}

export function answerSpeech(json: JsonObject, { parameters }: ChosenModel): SimSpeech {
  const { input, voice, response_format: format = 'mp3', speed = 1, stream_format: stream } = json
  if (typeof input !== 'string' || input === '') throw badRequest('input', 'input must be a string that is not empty.')
  if (charactersOf(input) > longestInput)
    throw badRequest('input', `input may have ${longestInput} characters at most.`)
  if (voice === undefined || voice === null || voice === '') throw badRequest('voice', 'voice must be named.')
  if (!speechFormats.some((known) => known === format))
    throw badRequest('response_format', `response_format must be one of ${speechFormats.join(', ')}.`)
  if (typeof speed !== 'number' || speed < 0.25 || speed > 4)
    throw badRequest('speed', 'speed must be between 0.25 and 4.')
  const samplesEach = Math.round((sampleRate * msPerCharacter) / 1000 / speed)
  const codes = Array.from(input, (character) => character.codePointAt(0) ?? 0)
  const header = format === 'pcm' ? Buffer.alloc(0) : wavHeader(input, codes.length * samplesEach)
  const promptTokens = countTokens(input)
  const outputTokens = Math.ceil((codes.length * samplesEach * tokensPerSecond) / sampleRate)
  const sound = function* (): Generator<Uint8Array> {
    if (header.length > 0) yield header
    yield* tones(codes, samplesEach, parameters.seed ?? 0)
  }
  const events = (): WireEvent[] => inEvents(Buffer.concat([...sound()]), promptTokens, outputTokens)
  return {
    promptTokens,
    outputTokens,
    contentType: format === 'pcm' ? 'audio/pcm' : 'audio/wav',
    sound,
    events: stream === 'sse' ? events : undefined,
  }
}

/** Each character a tone of its own height, blanks none. */
function* tones(codes: readonly number[], samplesEach: number, seed: number): Generator<Uint8Array> {
  const total = codes.length * samplesEach
  for (let from = 0; from < total; from += pieceSamples) {
    const count = Math.min(pieceSamples, total - from)
    const piece = Buffer.allocUnsafe(count * bytesPerSample)
    for (let at = 0; at < count; at += 1) {
      const code = codes[Math.floor((from + at) / samplesEach)] ?? 0
      const within = ((from + at) % samplesEach) / samplesEach
      const height = 140 + ((code * 37 + seed * 11) % 500)
      const value =
        code <= 0x20 ? 0 : Math.sin((2 * Math.PI * height * (from + at)) / sampleRate) * Math.sin(Math.PI * within)
      piece.writeInt16LE(Math.round(value * loudness), at * bytesPerSample)
    }
    yield piece
  }
}

function wavHeader(text: string, samples: number): Buffer {
  const said = Buffer.from(text)
  const padded = said.length % 2 === 0 ? said : Buffer.concat([said, Buffer.alloc(1)])
  const data = samples * bytesPerSample
  const format = Buffer.alloc(24)
  format.write('fmt ', 0, 'latin1')
  format.writeUInt32LE(16, 4)
  format.writeUInt16LE(1, 8)
  format.writeUInt16LE(1, 10)
  format.writeUInt32LE(sampleRate, 12)
  format.writeUInt32LE(sampleRate * bytesPerSample, 16)
  format.writeUInt16LE(bytesPerSample, 20)
  format.writeUInt16LE(bytesPerSample * 8, 22)
  const before = Buffer.concat([format, chunkHead(textChunk, said.length), padded, chunkHead('data', data)])
  return Buffer.concat([chunkHead('RIFF', 4 + before.length + data), Buffer.from('WAVE', 'latin1'), before])
}

function chunkHead(name: string, length: number): Buffer {
  const head = Buffer.alloc(8)
  head.write(name, 0, 'latin1')
  head.writeUInt32LE(length, 4)
  return head
}

function inEvents(sound: Buffer, promptTokens: number, outputTokens: number): WireEvent[] {
  const size = Math.max(1, Math.ceil(sound.length / deltas))
  const event = (json: JsonObject, tokens: number): WireEvent => ({ text: `data: ${JSON.stringify(json)}\n\n`, tokens })
  const pieces: WireEvent[] = []
  for (let at = 0; at < sound.length; at += size) {
    const audio = sound.subarray(at, at + size).toString('base64')
    pieces.push(event({ type: 'speech.audio.delta', audio }, Math.ceil(outputTokens / deltas)))
  }
  const usage = {
    input_tokens: promptTokens,
    output_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
  }
  return [...pieces, event({ type: 'speech.audio.done', usage }, 0)]
}
