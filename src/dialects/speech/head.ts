/** The head of a request to speak: how long the text is says how long the answer will be, and what it will cost. */
import { headModel, headText, requestSpans } from '../../kernel/codec/request-head.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { Body } from '../../kernel/body.ts'
import type { RequestHead } from '../../kernel/dialect.ts'
import { invalidRequest } from '../../model/fault.ts'
import { charactersOf } from '../../model/speech.ts'
import type { SpeechRequest } from '../../model/speech.ts'

/**
 * Tokens of sound to a character of text. About six to a token of text were measured, which has four characters:
 * https://github.com/sanand0/blog/blob/main/posts/2025/openai-tts-cost.md (read 2026-11-27).
 */
const audioTokensPerCharacter = 1.5
/** How much more than usual a request may come to. */
const reserve = 2

export function readHead(body: Body<SpeechRequest>): RequestHead {
  const spans = requestSpans(body)
  const input = headText(spans, 'input')
  if (input === undefined) throw wrongType('input', 'the text to speak', undefined)
  if (input === '') throw invalidRequest('input', '`input` is empty: send the text to speak.')
  const speed = spans.json('speed')
  const slowness = typeof speed === 'number' && speed > 0 && speed < 1 ? 1 / speed : 1
  const characters = charactersOf(input)
  const usualOutput = Math.ceil(characters * audioTokensPerCharacter * slowness)
  return {
    model: headModel(spans),
    stream: spans.json('stream_format') === 'sse',
    units: { characters },
    usualOutput,
    maxOutputTokens: usualOutput * reserve,
  }
}
