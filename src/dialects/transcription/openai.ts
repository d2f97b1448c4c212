/**
 * OpenAI's protocols for writing down and translating what is said in a recording, and Mistral's, which has no forms to choose from:
 * https://developers.openai.com/api/reference/resources/audio/subresources/transcriptions/methods/create,
 * https://github.com/mistralai/client-ts/blob/main/src/models/components/audiotranscriptionrequest.ts (read 2026-11-27).
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { audioUsageOf } from '../../kernel/codec/audio-usage.ts'
import { EventWatch } from '../../kernel/codec/event-watch.ts'
import { openaiErrorBody, openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { PassedStream, TranscriptionDialect } from '../../kernel/dialect.ts'
import { decodeRequest, encodeRequest, readHead } from './openai-request.ts'
import type { RequestWire } from './openai-request.ts'
import { decodeResponse, encodeResponse, readFacts } from './openai-response.ts'

const events = (id: string): PassedStream => ({
  contentType: 'text/event-stream',
  framing: 'sse',
  observer: () =>
    new EventWatch({
      done: 'transcript.text.done',
      usageOf: ({ usage }) => audioUsageOf(usage, id),
      text: 'transcript.text.delta',
    }),
  fault: (fault) => formatSseEvent({ data: JSON.stringify(openaiErrorBody(fault)) }),
})

function dialectOf(operation: TranscriptionDialect['operation'], wire: RequestWire): TranscriptionDialect {
  const { id } = wire
  return {
    id,
    operation,
    requestHeaders: [],
    mediaMarks: [],
    carries: 'form',
    files: { media: 'sound', fields: { file: 1 }, example: 'curl -F file=@speech.mp3' },
    answersInText: true,
    head: (body) => readHead(body),
    request: {
      decode: (json) => decodeRequest(wire, json),
      encode: (request, context) => encodeRequest(wire, request, context),
    },
    response: {
      decode: (json) => decodeResponse(id, json),
      encode: (answer, context) => encodeResponse(id, answer, context),
    },
    fault: openaiFaultCodec,
    facts: (body, contentType) => readFacts(id, body, contentType),
    ...(wire.hasFormats && { passed: events(id) }),
  }
}

const openai = { times: 'timestamp_granularities[]', hasFormats: true, hasPrompt: true }

export const openaiTranscriptions = dialectOf('transcribe', { id: 'openai-transcriptions', ...openai })

export const openaiTranslations = dialectOf('translate-audio', { id: 'openai-translations', ...openai })

export const mistralTranscriptions = dialectOf('transcribe', {
  id: 'mistral-transcriptions',
  times: 'timestamp_granularities',
  hasFormats: false,
  hasPrompt: false,
})
