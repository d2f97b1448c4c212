/** One question to a gateway over HTTP, as a client would ask it: streamed, and timed from the client's side. */
import { Agent, request } from 'undici'
import { dialects } from '../../builtins.gen.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'

export interface Question {
  readonly url: string
  /** Whose protocol to speak. */
  readonly surface: 'openai-chat' | 'anthropic-messages'
  readonly model: string
  readonly prompt: string
  readonly signal: AbortSignal
  /** Hears of the answer as it comes. */
  readonly onText: (text: string, kind: 'text' | 'reasoning') => void
}

export interface TrialResult {
  readonly text: string
  readonly reasoning: string
  /** Milliseconds from sending the question to the first piece of text or thought. */
  readonly firstTextMs?: number
  readonly durationMs: number
  /** A code of the catalogue, or `interrupted`. */
  readonly fault?: { readonly code: string; readonly message: string }
}

/** Protocols that demand a limit get one that every model can keep. */
const maxTokens = 4096
/** No answer of the gateway that is no stream is as long as this. */
const mostErrorBytes = 1 << 20

const calls = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: (model: string, prompt: string): object => ({
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: prompt }],
    }),
  },
  'anthropic-messages': {
    path: '/v1/messages',
    body: (model: string, prompt: string): object => ({
      model,
      stream: true,
      max_tokens: maxTokens,
      messages: [{ role: 'user', content: prompt }],
    }),
  },
} as const

/** Never rejects for what the gateway, the provider or an interruption did: that is in `fault`. */
export async function ask({ url, surface, model, prompt, signal, onText }: Question): Promise<TrialResult> {
  const dialect = dialectOf(surface)
  const decoder = dialect.stream?.decoder()
  if (decoder === undefined) throw new Error(`the dialect ${surface} has no stream`)
  const { path, body } = calls[surface]
  // The gateway has deadlines of its own; here whoever waits decides.
  await using agent = disposable(new Agent({ headersTimeout: 0, bodyTimeout: 0 }))
  const started = performance.now()
  const answer = new Answer(started, onText)
  try {
    const response = await request(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body(model, prompt)),
      dispatcher: agent.value,
      signal,
    })
    if (response.statusCode !== 200) {
      const bytes = Buffer.concat((await response.body.toArray()) as Uint8Array[]).subarray(0, mostErrorBytes)
      const code = response.headers['x-sluicegate-fault']
      answer.fail(typeof code === 'string' ? code : `status ${response.statusCode}`, messageOf(bytes.toString()))
    } else {
      for await (const chunk of response.body) answer.take(decoder.push(chunk as Uint8Array))
      answer.take(decoder.end())
    }
  } catch (error) {
    if (signal.aborted) answer.fail('interrupted', 'the test was interrupted')
    else throw error
  }
  return answer.result(performance.now() - started)
}

function dialectOf(id: string): ChatDialect {
  const dialect = dialects.find((candidate) => candidate.id === id)
  if (dialect === undefined) throw new Error(`the dialect ${id} is not built in`)
  return dialect as unknown as ChatDialect
}

const disposable = (agent: Agent) => ({ value: agent, [Symbol.asyncDispose]: () => agent.destroy() })

/** The message of an error body, which is in the same place in both protocols. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return error.message
  } catch {
    // Not JSON, so the text itself is all there is.
  }
  return text
}

class Answer {
  readonly #started: number
  readonly #onText: Question['onText']
  /** Which parts are shown, by choice and part. */
  readonly #kinds = new Map<string, 'text' | 'reasoning'>()
  #text = ''
  #reasoning = ''
  #firstTextMs: number | undefined
  #fault: TrialResult['fault']

  constructor(started: number, onText: Question['onText']) {
    this.#started = started
    this.#onText = onText
  }

  take(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.type === 'error') this.fail(event.fault.code, event.fault.message)
      else if (event.type === 'part-start') {
        const { value } = event
        if (value.type !== 'text' && value.type !== 'refusal' && value.type !== 'reasoning') continue
        const kind = value.type === 'reasoning' ? 'reasoning' : 'text'
        this.#kinds.set(`${event.choice} ${event.part}`, kind)
        this.#add(value.text, kind)
      } else if (event.type === 'part-delta') {
        const kind = this.#kinds.get(`${event.choice} ${event.part}`)
        if (kind !== undefined) this.#add(event.text ?? '', kind)
      }
    }
  }

  fail(code: string, message: string): void {
    this.#fault ??= { code, message }
  }

  result(durationMs: number): TrialResult {
    return {
      text: this.#text,
      reasoning: this.#reasoning,
      durationMs: rounded(durationMs),
      ...(this.#firstTextMs !== undefined && { firstTextMs: rounded(this.#firstTextMs) }),
      ...(this.#fault !== undefined && { fault: this.#fault }),
    }
  }

  #add(text: string, kind: 'text' | 'reasoning'): void {
    if (text === '') return
    this.#firstTextMs ??= performance.now() - this.#started
    if (kind === 'text') this.#text += text
    else this.#reasoning += text
    this.#onText(text, kind)
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100
