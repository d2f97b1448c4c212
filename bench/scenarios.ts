/** What the benchmark sends: four shapes of request, each in both protocols, and the requests that are not chat. */
import { boundary, formOf, wavOf } from '../test/harness/forms.ts'

export type Protocol = 'openai' | 'anthropic'

export interface Scenario {
  readonly name: string
  readonly client: Protocol
  readonly upstream: Protocol
  readonly stream: boolean
  readonly body: Buffer
  /** Answers to time; streams cost more each. */
  readonly requests: number
  /** The most CPU per request that the gateway may need, as a multiple of the floor's. */
  readonly target: number
  /** Where it is not chat: its path, and what is sent to the gateway in place of `body`. */
  readonly path?: string
  readonly contentType?: string
  readonly ownBody?: Buffer
}

const systemText = 'You are a helpful assistant that answers briefly.'
const question = 'What does a fox do when it meets a lazy dog? Answer in one paragraph, please.'
const longText = Array.from(
  { length: 500 },
  (_, index) => `Line ${index}: the quick brown fox jumps over the lazy dog, again and again and again.`,
).join('\n')

/** A prompt as people paste whole files into: 400 KB. */
const hugeText = Array.from({ length: 10 }, () => longText).join('\n')

function bodyOf(client: Protocol, text: string, stream: boolean): Buffer {
  const user = { role: 'user', content: text }
  const openai = {
    model: 'bench',
    messages: [{ role: 'system', content: systemText }, user],
    temperature: 0.7,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  }
  const anthropic = { model: 'bench', max_tokens: 1024, system: systemText, messages: [user], temperature: 0.7, stream }
  return Buffer.from(JSON.stringify(client === 'openai' ? openai : anthropic))
}

function scenario(
  name: string,
  client: Protocol,
  upstream: Protocol,
  text: string,
  stream: boolean,
  requests: number,
  target: number,
): Scenario {
  return { name, client, upstream, stream, body: bodyOf(client, text, stream), requests, target }
}

export const scenarios: readonly Scenario[] = [
  scenario('chat', 'openai', 'openai', question, false, 6000, 1.6),
  scenario('chat 40 KB', 'openai', 'openai', longText, false, 4000, 1.6),
  scenario('chat 400 KB', 'openai', 'openai', hugeText, false, 1500, 1.3),
  scenario('stream', 'openai', 'openai', question, true, 1200, 1.3),
  scenario('messages', 'anthropic', 'anthropic', question, false, 6000, 1.6),
  scenario('messages stream', 'anthropic', 'anthropic', question, true, 1200, 1.3),
  scenario('chat → messages', 'openai', 'anthropic', question, false, 4000, 3),
  scenario('messages → chat', 'anthropic', 'openai', question, false, 4000, 3),
  scenario('chat stream → messages', 'openai', 'anthropic', question, true, 1200, 3),
  scenario('messages stream → chat', 'anthropic', 'openai', question, true, 1200, 3),
]

/** As many texts as one request may have at OpenAI. */
const embeddings = Buffer.from(
  JSON.stringify({ model: 'bench', input: Array.from({ length: 2048 }, (_, index) => `The ${index}th fox.`) }),
)
const speech = Buffer.from(JSON.stringify({ model: 'bench', voice: 'alloy', input: question }))
const recording = (model: string): Buffer =>
  formOf([
    { name: 'model', value: model },
    { name: 'file', value: wavOf(64).toString('latin1'), file: 'a.wav', type: 'audio/wav' },
  ])

const other = { client: 'openai', upstream: 'openai', stream: false } as const

/** Measured with all others. */
export const mediaScenarios: readonly Scenario[] = [
  { ...other, name: 'embeddings 2048', path: '/v1/embeddings', body: embeddings, requests: 240, target: 2 },
  {
    ...other,
    name: 'transcription 1 MB',
    path: '/v1/audio/transcriptions',
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: recording('bench'),
    ownBody: recording('bench-openai'),
    requests: 1200,
    target: 1.3,
  },
  { ...other, name: 'speech 400 KB', path: '/v1/audio/speech', body: speech, requests: 1200, target: 1.3 },
]

export const pathOf: Record<Protocol, string> = { openai: '/v1/chat/completions', anthropic: '/v1/messages' }
