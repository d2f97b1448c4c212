/**
 * Recordings written down in OpenAI's protocol: what the simulator has said itself it knows word for word, for any other recording it
 * makes up a text that is always the same. Translations are such texts, too.
 * https://developers.openai.com/api/reference/resources/audio/subresources/transcriptions/methods/create
 */
import { wavDuration } from '../../bytes/wav-duration.ts'
import type { JsonObject } from '../../model/json.ts'
import type { SimForm } from './form.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { drawProse } from './prose.ts'
import { hashText, seeded } from './seeded.ts'
import { textChunk } from './speech.ts'
import { splitTokens } from './tokens.ts'
import { grouped } from './wire.ts'
import type { WireCall, WireEvent } from './wire.ts'

export interface SimTranscript {
  readonly outputTokens: number
  readonly contentType: string
  readonly body: string
  /** Set where it is to come in events. */
  readonly events: ((call: WireCall) => WireEvent[]) | undefined
}

const json = 'application/json'
const text = 'text/plain; charset=utf-8'
const formats = ['json', 'text', 'srt', 'verbose_json', 'vtt']
/** Bytes of a recording that its text follows from. */
const hashed = 4096
const bytesPerMs = 4

interface Line {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function answerTranscription(
  { fields, files }: SimForm,
  { parameters }: ChosenModel,
  task: string,
): SimTranscript {
  const file = files.find(({ name }) => name === 'file')?.content
  if (file === undefined || file.length === 0) throw badRequest('file', 'file must be a recording.')
  const format = fields.get('response_format') ?? 'json'
  if (!formats.includes(format))
    throw badRequest('response_format', `response_format must be one of ${formats.join(', ')}.`)
  const said = spokenIn(file) ?? madeUp(file, parameters.seed ?? 0, parameters.tokens ?? 24)
  const seconds = (wavDuration(file, file.length) ?? file.length / bytesPerMs) / 1000
  const lines = linesOf(said, seconds)
  const usage = { type: 'duration', seconds: Math.ceil(seconds) }
  const tokens = splitTokens(said)
  const events = (): WireEvent[] => [
    ...grouped(tokens, parameters.chunk ?? 1).map(({ text: delta, tokens: count }) =>
      event({ type: 'transcript.text.delta', delta }, count),
    ),
    event({ type: 'transcript.text.done', text: said, usage: tokenUsage(seconds, tokens.length) }, 0),
  ]
  const plain = format === 'text' || format === 'srt' || format === 'vtt'
  const bodies: Readonly<Record<string, () => string>> = {
    text: () => `${said}\n`,
    srt: () => lines.map((line, index) => `${index + 1}\n${span(line, ',')}\n${line.text}\n`).join('\n'),
    vtt: () => ['WEBVTT\n', ...lines.map((line) => `${span(line, '.')}\n${line.text}\n`)].join('\n'),
    json: () => JSON.stringify({ text: said, usage }),
    verbose_json: () =>
      JSON.stringify({
        task,
        language: 'english',
        duration: seconds,
        text: said,
        segments: lines.map((line, id) => ({ id, ...line })),
        words: lines.flatMap(wordsOf),
        usage,
      }),
  }
  return {
    outputTokens: tokens.length,
    contentType: plain ? text : json,
    body: bodies[format]?.() ?? '',
    events: fields.get('stream') === 'true' ? events : undefined,
  }
}

const event = (value: JsonObject, tokens: number): WireEvent => ({ text: `data: ${JSON.stringify(value)}\n\n`, tokens })

const tokenUsage = (seconds: number, output: number): JsonObject => {
  const input = Math.ceil(seconds * 10)
  return {
    type: 'tokens',
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output,
    total_tokens: input + output,
  }
}

/** From the chunk in which the simulator leaves it. */
function spokenIn(file: Buffer): string | undefined {
  const at = file.subarray(0, 1 << 20).indexOf(textChunk, 0, 'latin1')
  if (at === -1 || at + 8 > file.length) return undefined
  return file.toString('utf8', at + 8, at + 8 + file.readUInt32LE(at + 4))
}

function madeUp(file: Buffer, seed: number, length: number): string {
  const hash = hashText(file.toString('latin1', 0, hashed), hashText(String(file.length), seed))
  return drawProse(seeded(hash), length).join('')
}

/** A line for each sentence, as long as its share of the text. */
function linesOf(said: string, seconds: number): Line[] {
  const sentences = said.match(/[^.!?]+[.!?]*\s*/g) ?? [said]
  const each = seconds / Math.max(1, said.length)
  let at = 0
  return sentences.map((sentence) => {
    const start = at * each
    at += sentence.length
    return { start: rounded(start), end: rounded(at * each), text: sentence.trim() }
  })
}

function wordsOf({ start, end, text: line }: Line): { word: string; start: number; end: number }[] {
  const words = line.split(/\s+/)
  const each = (end - start) / words.length
  return words.map((word, index) => ({
    word,
    start: rounded(start + index * each),
    end: rounded(start + (index + 1) * each),
  }))
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000

const span = ({ start, end }: Line, point: string): string => `${clock(start, point)} --> ${clock(end, point)}`

function clock(seconds: number, point: string): string {
  return new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23).replace('.', point)
}
