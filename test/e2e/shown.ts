/** What a client's own SDK shows of an answer, brought into one form, so that the four ways through the gateway can be compared. */
import type { Message, TextCitation } from '@anthropic-ai/sdk/resources/messages'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'

/** OpenAI's words; a stop sequence that the protocol names stands behind a colon. */
export type ShownFinish = 'stop' | `stop:${string}` | 'length' | 'tool_calls' | 'content_filter'

export interface ShownCall {
  readonly id: string
  readonly name: string
  /** Parsed. */
  readonly arguments: unknown
}

export interface Shown {
  readonly text: string
  readonly reasoning?: string
  readonly refusal?: string
  readonly calls?: readonly ShownCall[]
  readonly finish: ShownFinish
  readonly usage: ShownUsage
  readonly citations?: readonly { readonly url: string; readonly title: string }[]
}

/** Totals: cached input is within `input`, thinking within `output`. Shares of zero are left out. */
export interface ShownUsage {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** What many services add to OpenAI's message, and the SDK passes on. */
interface WithReasoning {
  readonly reasoning_content?: string | null
}

export function shownByOpenai({ choices, usage }: ChatCompletion): Shown {
  const [choice] = choices
  if (choice === undefined) throw new Error('the completion has no choice')
  const { message } = choice
  const reasoning = (message as WithReasoning).reasoning_content ?? ''
  const citations = (message.annotations ?? []).map(({ url_citation: { url, title } }) => ({ url, title }))
  return {
    text: message.content ?? '',
    ...(reasoning !== '' && { reasoning }),
    ...(typeof message.refusal === 'string' && { refusal: message.refusal }),
    ...(message.tool_calls !== undefined && { calls: message.tool_calls.map(openaiCall) }),
    finish: finishOf(openaiFinishes, choice.finish_reason),
    usage: openaiUsage(usage),
    ...(citations.length > 0 && { citations }),
  }
}

type OpenaiCall = NonNullable<ChatCompletion['choices'][0]['message']['tool_calls']>[number]

function openaiCall(call: OpenaiCall): ShownCall {
  return call.type === 'function'
    ? { id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) }
    : { id: call.id, name: call.custom.name, arguments: call.custom.input }
}

const openaiFinishes: Readonly<Record<string, ShownFinish>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
}

function finishOf(known: Readonly<Record<string, ShownFinish>>, word: string | null): ShownFinish {
  const finish = word === null ? undefined : known[word]
  if (finish === undefined) throw new Error(`an unexpected reason to finish: ${word}`)
  return finish
}

/** OpenAI's own member, and the one that this gateway adds for writes. */
interface PromptDetails {
  readonly cached_tokens?: number
  readonly cache_write_tokens?: number
}

function openaiUsage(usage: ChatCompletion['usage'] | null): ShownUsage {
  if (usage === undefined || usage === null) throw new Error('no usage was told')
  const details: PromptDetails = usage.prompt_tokens_details ?? {}
  if (usage.total_tokens !== usage.prompt_tokens + usage.completion_tokens) throw new Error('the total is no sum')
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    ...nonZero({
      cacheRead: details.cached_tokens,
      cacheWrite: details.cache_write_tokens,
      reasoning: usage.completion_tokens_details?.reasoning_tokens,
    }),
  }
}

function nonZero<Name extends string>(counts: Record<Name, number | null | undefined>): { [N in Name]?: number } {
  const kept: { [N in Name]?: number } = {}
  for (const name of Object.keys(counts) as Name[]) {
    const count = counts[name]
    if (typeof count === 'number' && count > 0) kept[name] = count
  }
  return kept
}

/** Puts the chunks that the SDK yields together as an application would. */
export function foldChunks(chunks: readonly ChatCompletionChunk[]): ChatCompletion {
  const [first] = chunks
  if (first === undefined) throw new Error('the stream had no chunk')
  const { id, created, model } = first
  const choices = new Map<number, ChatCompletion['choices'][0] & { message: WithReasoning }>()
  let usage: ChatCompletion['usage']
  for (const chunk of chunks) {
    if (chunk.id !== id || chunk.model !== model || chunk.created !== created) throw new Error('the head changed')
    if (chunk.usage) usage = chunk.usage
    for (const { index, delta, finish_reason: finish, logprobs } of chunk.choices) {
      let choice = choices.get(index)
      if (choice === undefined) {
        choice = {
          index,
          message: { role: 'assistant', content: null, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        }
        choices.set(index, choice)
      }
      grow(choice.message, delta)
      if (finish !== null) choice.finish_reason = finish
      if (logprobs?.content)
        choice.logprobs = { content: [...(choice.logprobs?.content ?? []), ...logprobs.content], refusal: null }
    }
  }
  const list = [...choices.values()].sort((a, b) => a.index - b.index)
  return { id, created, model, object: 'chat.completion', choices: list, ...(usage && { usage }) }
}

type GrownMessage = ChatCompletion['choices'][0]['message'] & { reasoning_content?: string | null }
type Delta = ChatCompletionChunk['choices'][0]['delta'] & WithReasoning & Pick<GrownMessage, 'annotations'>

function grow(message: GrownMessage, delta: Delta): void {
  if (typeof delta.content === 'string') message.content = (message.content ?? '') + delta.content
  if (typeof delta.refusal === 'string') message.refusal = (message.refusal ?? '') + delta.refusal
  if (typeof delta.reasoning_content === 'string')
    message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content
  if (delta.annotations) message.annotations = [...(message.annotations ?? []), ...delta.annotations]
  for (const { index, id, function: called } of delta.tool_calls ?? []) {
    message.tool_calls ??= []
    const known = message.tool_calls[index]
    if (known === undefined) {
      if (id === undefined || called?.name === undefined) throw new Error('a call began without id or name')
      message.tool_calls[index] = {
        id,
        type: 'function',
        function: { name: called.name, arguments: called.arguments ?? '' },
      }
    } else if (known.type === 'function') known.function.arguments += called?.arguments ?? ''
  }
}

export function shownByAnthropic({ content, stop_reason, stop_sequence, usage }: Message): Shown {
  let text = ''
  let reasoning = ''
  const calls: ShownCall[] = []
  const citations: { url: string; title: string }[] = []
  for (const block of content) {
    if (block.type === 'text') {
      text += block.text
      citations.push(...(block.citations ?? []).flatMap(webCitation))
    } else if (block.type === 'thinking') reasoning += block.thinking
    else if (block.type === 'tool_use') calls.push({ id: block.id, name: block.name, arguments: block.input })
  }
  const read = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_creation_input_tokens ?? 0
  const details = (usage as { output_tokens_details?: { thinking_tokens?: number } | null }).output_tokens_details
  return {
    text,
    ...(reasoning !== '' && { reasoning }),
    ...(calls.length > 0 && { calls }),
    finish: stop_reason === 'stop_sequence' ? `stop:${stop_sequence}` : finishOf(anthropicFinishes, stop_reason),
    usage: {
      input: usage.input_tokens + read + written,
      output: usage.output_tokens,
      ...nonZero({ cacheRead: read, cacheWrite: written, reasoning: details?.thinking_tokens }),
    },
    ...(citations.length > 0 && { citations }),
  }
}

const anthropicFinishes: Readonly<Record<string, ShownFinish>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

function webCitation(citation: TextCitation): { url: string; title: string }[] {
  if (citation.type !== 'web_search_result_location') return []
  return [{ url: citation.url, title: citation.title ?? '' }]
}
