/**
 * The official SDKs of every protocol that clients speak to the gateway, each asked the same small question. What one makes of the
 * answer is told in one shape, whatever it was: text and calls as far as they came, and the error that it raised.
 */
import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import type { GenerateContentResponse } from '@google/genai'
import { Ollama } from 'ollama'
import type { ChatResponse } from 'ollama'
import OpenAI from 'openai'
import type { Gate } from '../e2e/clients/client.ts'

export interface HeardCall {
  readonly name: string
  readonly arguments: unknown
}

export interface Raised {
  /** The class of the SDK. */
  readonly kind: string
  /** An error of the SDK's own for answers of the service, not one that it did not foresee. */
  readonly official: boolean
  readonly status: number | undefined
  readonly message: string
  readonly retryAfter?: string
}

export interface Heard {
  text: string
  readonly calls: HeardCall[]
  finish?: string | undefined
  input?: number | undefined
  output?: number | undefined
  error?: Raised
}

export interface SdkClient {
  /** Id of the dialect that it speaks. */
  readonly dialect: string
  /** `tools`: one is offered, if the protocol knows any. */
  ask(model: string, stream: boolean, tools?: boolean): Promise<Heard>
}

const prompt = 'Say something.'
const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const tool = { name: 'get_weather', description: 'The weather of a place.' }
const messages = [{ role: 'user' as const, content: prompt }]

/** What a model wrote, which need not be JSON. */
function argumentsOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Runs `ask`, which fills `heard`, and keeps what it raises. */
function client(dialect: string, raised: (error: unknown) => Raised, ask: Ask): SdkClient {
  return {
    dialect,
    async ask(model, stream, tools = true) {
      const heard: Heard = { text: '', calls: [] }
      try {
        await ask(heard, model, stream, tools)
      } catch (error) {
        heard.error = raised(error)
      }
      return heard
    },
  }
}

type Ask = (heard: Heard, model: string, stream: boolean, tools: boolean) => Promise<void>

const nameOf = (error: unknown): string => (error instanceof Error ? error.constructor.name : typeof error)
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function raisedByHttp(error: unknown): Raised {
  const official = error instanceof OpenAI.APIError || error instanceof Anthropic.APIError
  const retryAfter = official ? (error.headers as Headers | undefined)?.get('retry-after') : undefined
  return {
    kind: nameOf(error),
    official,
    status: official ? (error.status as number | undefined) : undefined,
    message: messageOf(error),
    ...(typeof retryAfter === 'string' && { retryAfter }),
  }
}

interface Growing {
  name: string
  text: string
}

function openaiChat(sdk: OpenAI): Ask {
  return async (heard, model, stream, offered) => {
    const tools = { ...(offered && { tools: [{ type: 'function' as const, function: { ...tool, parameters } }] }) }
    if (!stream) {
      const { choices, usage } = await sdk.chat.completions.create({ model, messages, ...tools })
      const [choice] = choices
      heard.text = choice?.message.content ?? ''
      for (const call of choice?.message.tool_calls ?? []) heard.calls.push(chatCall(call))
      heard.finish = choice?.finish_reason
      heard.input = usage?.prompt_tokens
      heard.output = usage?.completion_tokens
      return
    }
    const growing: Growing[] = []
    const options = { stream: true, stream_options: { include_usage: true } } as const
    for await (const { choices, usage } of await sdk.chat.completions.create({
      model,
      messages,
      ...tools,
      ...options,
    })) {
      if (usage !== null && usage !== undefined) {
        heard.input = usage.prompt_tokens
        heard.output = usage.completion_tokens
      }
      const [choice] = choices
      heard.text += choice?.delta.content ?? ''
      for (const { index, function: call } of choice?.delta.tool_calls ?? []) {
        const one = (growing[index] ??= { name: '', text: '' })
        one.name += call?.name ?? ''
        one.text += call?.arguments ?? ''
      }
      heard.finish = choice?.finish_reason ?? heard.finish
    }
    heard.calls.push(...growing.filter(Boolean).map(({ name, text }) => ({ name, arguments: argumentsOf(text) })))
  }
}

const chatCall = (call: OpenAI.ChatCompletionMessageToolCall): HeardCall =>
  call.type === 'custom'
    ? { name: call.custom.name, arguments: call.custom.input }
    : { name: call.function.name, arguments: argumentsOf(call.function.arguments) }

function openaiResponses(sdk: OpenAI): Ask {
  const take = (heard: Heard, response: OpenAI.Responses.Response): void => {
    heard.text = response.output_text ?? textOf(response)
    for (const item of response.output) {
      if (item.type === 'function_call') heard.calls.push({ name: item.name, arguments: argumentsOf(item.arguments) })
      if (item.type === 'custom_tool_call') heard.calls.push({ name: item.name, arguments: item.input })
    }
    heard.finish = response.incomplete_details?.reason ?? response.status
    heard.input = response.usage?.input_tokens
    heard.output = response.usage?.output_tokens
  }
  return async (heard, model, stream, offered) => {
    const params = {
      model,
      input: prompt,
      store: false,
      ...(offered && { tools: [{ type: 'function' as const, ...tool, parameters, strict: false }] }),
    }
    if (!stream) return take(heard, await sdk.responses.create(params))
    for await (const event of await sdk.responses.create({ ...params, stream: true })) {
      if (event.type === 'response.output_text.delta') heard.text += event.delta
      if (event.type === 'response.completed' || event.type === 'response.incomplete') {
        const streamed = heard.text
        take(heard, event.response)
        // The deltas and the whole at the end are to say the same.
        if (streamed !== heard.text) throw new Error(`streamed ${streamed}, but ended with ${heard.text}`)
      }
      if (event.type === 'response.failed') heard.finish = 'failed'
    }
  }
}

const textOf = ({ output }: OpenAI.Responses.Response): string =>
  output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('')

function openaiCompletions(sdk: OpenAI): Ask {
  return async (heard, model, stream) => {
    if (!stream) {
      const { choices, usage } = await sdk.completions.create({ model, prompt })
      heard.text = choices[0]?.text ?? ''
      heard.finish = choices[0]?.finish_reason
      heard.input = usage?.prompt_tokens
      heard.output = usage?.completion_tokens
      return
    }
    const options = { stream: true, stream_options: { include_usage: true } } as const
    for await (const { choices, usage } of await sdk.completions.create({ model, prompt, ...options })) {
      heard.text += choices[0]?.text ?? ''
      heard.finish = choices[0]?.finish_reason ?? heard.finish
      if (usage === null || usage === undefined) continue
      heard.input = usage.prompt_tokens
      heard.output = usage.completion_tokens
    }
  }
}

type AnthropicUsage = Pick<
  Anthropic.Usage,
  'input_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens' | 'output_tokens'
>
const inputOf = (usage: AnthropicUsage): number =>
  usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)

function anthropic(sdk: Anthropic): Ask {
  const take = (heard: Heard, { content, stop_reason: finish, usage }: Anthropic.Message): void => {
    for (const block of content) {
      if (block.type === 'text') heard.text += block.text
      if (block.type === 'tool_use') heard.calls.push({ name: block.name, arguments: block.input })
    }
    heard.finish = finish ?? undefined
    heard.input = inputOf(usage)
    heard.output = usage.output_tokens
  }
  return async (heard, model, stream, offered) => {
    const tools = [{ ...tool, input_schema: { ...parameters, type: 'object' as const } }]
    const params = { model, max_tokens: 200, messages, ...(offered && { tools }) }
    if (!stream) return take(heard, await sdk.messages.create(params))
    const answer = sdk.messages.stream(params)
    answer.on('text', (text) => {
      heard.text += text
    })
    const message = await answer.finalMessage()
    heard.text = ''
    take(heard, message)
  }
}

function google(sdk: GoogleGenAI): Ask {
  const take = (heard: Heard, { candidates, usageMetadata: usage, promptFeedback }: GenerateContentResponse): void => {
    const [candidate] = candidates ?? []
    for (const { text, thought, functionCall } of candidate?.content?.parts ?? []) {
      if (thought !== true) heard.text += text ?? ''
      if (functionCall !== undefined)
        heard.calls.push({ name: functionCall.name ?? '', arguments: functionCall.args ?? {} })
    }
    heard.finish = candidate?.finishReason ?? promptFeedback?.blockReason ?? heard.finish
    heard.input = usage?.promptTokenCount ?? heard.input
    if (usage !== undefined) heard.output = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0)
  }
  return async (heard, model, stream, offered) => {
    const config = { tools: [{ functionDeclarations: [{ ...tool, parametersJsonSchema: parameters }] }] }
    const params = { model, contents: prompt, ...(offered && { config }) }
    if (!stream) return take(heard, await sdk.models.generateContent(params))
    for await (const chunk of await sdk.models.generateContentStream(params)) take(heard, chunk)
  }
}

function raisedByGoogle(error: unknown): Raised {
  const official = error instanceof ApiError
  return { kind: nameOf(error), official, status: official ? error.status : undefined, message: messageOf(error) }
}

function ollama(sdk: Ollama): Ask {
  const take = (heard: Heard, { message, done_reason: finish, ...counts }: ChatResponse): void => {
    heard.text += message.content
    for (const { function: call } of message.tool_calls ?? [])
      heard.calls.push({ name: call.name, arguments: call.arguments })
    heard.finish = finish ?? heard.finish
    heard.input = counts.prompt_eval_count ?? heard.input
    heard.output = counts.eval_count ?? heard.output
  }
  return async (heard, model, stream, offered) => {
    const tools = [{ type: 'function', function: { ...tool, parameters } }]
    const params = { model, messages, ...(offered && { tools }) }
    if (!stream) return take(heard, await sdk.chat({ ...params, stream: false }))
    for await (const chunk of await sdk.chat({ ...params, stream: true })) take(heard, chunk)
  }
}

/** Within a stream this library raises plain errors. */
function raisedByOllama(error: unknown): Raised {
  const status = error instanceof Error && 'status_code' in error ? Number(error.status_code) : undefined
  const kind = nameOf(error)
  return { kind, official: kind === 'ResponseError' || kind === 'Error', status, message: messageOf(error) }
}

export function sdkClients({ url, key }: Gate): SdkClient[] {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  return [
    client('openai-chat', raisedByHttp, openaiChat(openai)),
    client('openai-responses', raisedByHttp, openaiResponses(openai)),
    client('openai-completions', raisedByHttp, openaiCompletions(openai)),
    client(
      'anthropic-messages',
      raisedByHttp,
      anthropic(new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, logLevel: 'off' })),
    ),
    client('gemini', raisedByGoogle, google(new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } }))),
    client(
      'ollama-chat',
      raisedByOllama,
      ollama(new Ollama({ host: url, headers: { authorization: `Bearer ${key}` } })),
    ),
  ]
}
