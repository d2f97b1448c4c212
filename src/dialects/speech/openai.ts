/** OpenAI's protocol for speech: https://developers.openai.com/api/reference/resources/audio/subresources/speech/methods/create */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { isAudio, noDocument, refuseDocument } from '../../kernel/codec/audio-media.ts'
import { audioUsageOf, tokensAsUsage } from '../../kernel/codec/audio-usage.ts'
import { EventWatch } from '../../kernel/codec/event-watch.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { openaiErrorBody, openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { EncodeContext, Encoded, SpeechDialect } from '../../kernel/dialect.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { speechFormats } from '../../model/speech.ts'
import type { SpeechFormat, SpeechRequest } from '../../model/speech.ts'
import { readHead } from './head.ts'

const id = 'openai-speech'
const done = 'speech.audio.done'

const event = (json: JsonObject): string => formatSseEvent({ data: JSON.stringify(json) })

export const openaiSpeech: SpeechDialect = {
  id,
  operation: 'speech',
  requestHeaders: [],
  mediaMarks: [],
  head: (body) => readHead(body),
  request: { decode, encode },
  response: noDocument,
  fault: openaiFaultCodec,
  facts: refuseDocument,
  passed: {
    contentType: 'text/event-stream',
    framing: 'sse',
    observer: () => new EventWatch({ done, usageOf: ({ usage }) => audioUsageOf(usage, id) }),
    fault: (fault) => event(openaiErrorBody(fault)),
  },
  media: {
    is: isAudio,
    events: {
      piece: (bytes) => event({ type: 'speech.audio.delta', audio: Buffer.from(bytes).toString('base64') }),
      end: (usage) => event({ type: done, usage: tokensAsUsage(usage) }),
    },
  },
}

function decode(json: unknown): SpeechRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const voice = readVoice(reader)
  const instructions = reader.string('instructions')
  const format = oneOf<SpeechFormat>(reader, 'response_format', speechFormats)
  const speed = reader.number('speed')
  if (speed !== undefined && !(speed >= 0.25 && speed <= 4))
    throw invalidRequest('speed', `\`speed\` must be between 0.25 and 4, but is ${speed}.`)
  const events = oneOf(reader, 'stream_format', ['audio', 'sse'] as const)
  if (events === 'audio') reader.noteExplicit('stream_format')
  return {
    model: reader.requiredString('model'),
    input: reader.requiredString('input'),
    ...(voice !== undefined && { voice }),
    ...(instructions !== undefined && { instructions }),
    ...(format !== undefined && { format }),
    ...(speed !== undefined && { speed }),
    events: events === 'sse',
    ...reader.node(),
  }
}

/** A name, or an object with the id of a voice of one's own. */
function readVoice(reader: MemberReader): string | undefined {
  if (!isJsonObject(reader.peek('voice'))) return reader.string('voice')
  reader.note('voiceObject', true)
  return reader.requiredNested('voice').requiredString('id')
}

function oneOf<T extends string>(reader: MemberReader, key: string, known: readonly T[]): T | undefined {
  const value = reader.string(key)
  const found = known.find((each) => each === value)
  if (value !== undefined && found === undefined)
    throw invalidRequest(key, `\`${key}\` must be one of ${known.join(', ')}, but is ${JSON.stringify(value)}.`)
  return found
}

function encode(request: SpeechRequest, context: EncodeContext<SpeechRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  writer.set('model', context.model)
  writer.set('input', request.input)
  writer.set(writer.note('voiceObject') === true ? 'voice.id' : 'voice', request.voice)
  writer.set('instructions', request.instructions)
  writer.set('response_format', request.format)
  writer.set('speed', request.speed)
  if (request.events) writer.set('stream_format', 'sse')
  else if (writer.wasExplicit('stream_format')) writer.set('stream_format', 'audio')
  return { json: writer.finish(), lost }
}
