/**
 * Gemini that listens: `generateContent` with the recording in the request and a question for what is said in it. Where times or speakers
 * are wanted it is asked for a list of segments by a schema.
 * https://ai.google.dev/gemini-api/docs/audio (read 2026-11-27); members as @google/genai 3.3.0 writes them.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { googleErrorIn, decodeGoogleFault, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded, TranscriptionDialect } from '../../kernel/dialect.ts'
import { fileMark } from '../../kernel/inlined-files.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { TranscriptSegment, TranscriptionRequest, TranscriptionResponse } from '../../model/transcription.ts'
import { decodeUsage } from './usage.ts'

const id = 'gemini-transcription'

/** It is asked, and never asks: clients of Google's protocol ask about sound as about anything else. */
const neverServed = (): never => {
  throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
}

function dialectOf(operation: TranscriptionDialect['operation'], ownId: string, task: string): TranscriptionDialect {
  return {
    id: ownId,
    operation,
    requestHeaders: [],
    mediaMarks: [],
    unserved: true,
    addressed: true,
    head: neverServed,
    request: { decode: neverServed, encode: (request, context) => encode(ownId, task, request, context) },
    response: { decode, encode: neverServed },
    fault: googleFaultCodec,
    facts(body) {
      const { usage } = decode(body.json())
      return usage === undefined ? {} : { usage }
    },
  }
}

export const geminiTranscription = dialectOf(
  'transcribe',
  id,
  'Write down, word for word, what is said in this recording.',
)

export const geminiTranslation = dialectOf(
  'translate-audio',
  'gemini-audio-translation',
  'Write down in English what is said in this recording, whatever its language.',
)

const segmentsSchema: JsonObject = {
  type: 'ARRAY',
  items: {
    type: 'OBJECT',
    properties: {
      start: { type: 'NUMBER', description: 'Seconds from the beginning of the recording.' },
      end: { type: 'NUMBER', description: 'Seconds from the beginning of the recording.' },
      speaker: { type: 'STRING', description: 'A, B and so on, by voice.' },
      text: { type: 'STRING' },
    },
    required: ['start', 'end', 'text'],
    propertyOrdering: ['start', 'end', 'speaker', 'text'],
  },
}

function encode(
  ownId: string,
  task: string,
  request: TranscriptionRequest,
  { fileMark: mark = '' }: EncodeContext<TranscriptionRequest>,
): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, ownId, '', lost)
  const { format = 'json', language, prompt, temperature } = request
  const timed = format !== 'json' && format !== 'text'
  const told = [
    task,
    timed
      ? `Answer with a list of short segments${format === 'diarized_json' ? ', one speaker in each' : ''}.`
      : 'Answer with what is said and nothing else.',
    ...(language === undefined ? [] : [`Its language is ${language}.`]),
    ...(prompt === undefined ? [] : [`It may have these words, or follow them: ${prompt}`]),
  ]
  const json: JsonObject = {
    contents: [
      {
        role: 'user',
        parts: [
          { text: told.join('\n') },
          { inlineData: { mimeType: mediaType(request.file.type), data: fileMark(mark, request.file.upload) } },
        ],
      },
    ],
    generationConfig: {
      temperature: temperature ?? 0,
      ...(timed && { responseMimeType: 'application/json', responseSchema: segmentsSchema }),
    },
  }
  return { json, lost }
}

/** The names that it knows: "Supported audio formats". */
function mediaType(type: string): string {
  if (/mpeg|mp3/.test(type)) return 'audio/mp3'
  if (type.includes('wav')) return 'audio/wav'
  return type
}

function decode(json: unknown): TranscriptionResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  const usage = decodeUsage(json['usageMetadata'])
  const [candidate] = objectsIn(json['candidates'])
  const reason = candidate?.['finishReason']
  if (candidate === undefined || (typeof reason === 'string' && reason !== 'STOP')) throw refusal(json, reason)
  const content = isJsonObject(candidate['content']) ? candidate['content'] : {}
  const text = objectsIn(content['parts'])
    .filter(({ thought }) => thought !== true)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('')
  const segments = segmentsIn(text)
  const told = usage === undefined ? {} : { usage }
  if (segments === undefined) return { text: text.trim(), ...told }
  const duration = segments.at(-1)?.end
  return {
    text: segments.map((segment) => segment.text.trim()).join(' '),
    segments,
    ...(duration !== undefined && { duration }),
    ...told,
  }
}

function refusal(json: JsonObject, reason: JsonValue | undefined): Fault {
  const feedback = isJsonObject(json['promptFeedback']) ? json['promptFeedback']['blockReason'] : undefined
  const why = [feedback, reason].find((each) => typeof each === 'string')
  if (why === undefined) return new Fault('provider_malformed', 'its answer has no `candidates`')
  if (why === 'MAX_TOKENS')
    return new Fault('provider_cut', 'The recording is longer than the model can write down at once.', { upstream: {} })
  return new Fault('provider_rejected', `The model does not write this recording down (${why}).`, {
    status: 400,
    upstream: { code: why },
  })
}

/** Undefined for what is no list of segments but plain text. */
function segmentsIn(text: string): TranscriptSegment[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined
  try {
    const json = parseJson(text)
    if (!Array.isArray(json) || !json.every(isSegment)) return undefined
    return json.map(({ start, end, text: said, speaker }) => ({
      start,
      end,
      text: said,
      ...(typeof speaker === 'string' && { speaker }),
    }))
  } catch {
    return undefined
  }
}

interface Told {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly speaker?: unknown
}

const isSegment = (item: unknown): item is Told =>
  isJsonObject(item) &&
  typeof item['start'] === 'number' &&
  typeof item['end'] === 'number' &&
  typeof item['text'] === 'string'

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : []
