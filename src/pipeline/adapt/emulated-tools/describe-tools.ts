/**
 * Rewrites a request with tools for a target that has none: the tools and how to call them become words of the instructions, calls
 * and results of the conversation become text in the same form.
 */
import type { ChatRequest, Message, Tool, ToolChoice } from '../../../model/chat.ts'
import type { Loss } from '../../../model/loss.ts'
import { joinPath } from '../../../model/loss.ts'
import type { Part, TextPart, ToolResultPart } from '../../../model/part.ts'
import { withInstruction } from '../instruct.ts'
import { callEnd, callStart, describeTool, resultEnd, resultStart, safeJson, writeCall } from './call-format.ts'
import type { DescribedTool } from './call-format.ts'

export interface Described {
  readonly request: ChatRequest
  /** Those that the model may call; none where the client wants no calls. */
  readonly tools: ReadonlyMap<string, DescribedTool>
  readonly earlierCalls: number
  readonly lost: readonly Loss[]
}

export function describeTools(request: ChatRequest): Described {
  const { tools: given = [], toolChoice, parallelToolCalls, ...rest } = request
  const lost: Loss[] = []
  const tools = new Map<string, DescribedTool>()
  for (const [index, tool] of given.entries()) {
    if (tool.type === 'server')
      lost.push({
        path: joinPath('tools', index),
        kind: 'dropped',
        reason: `the target does not run the tool ${tool.name}`,
      })
    else if (isOffered(tool, toolChoice)) tools.set(tool.name, tool)
  }
  const messages = asText(request.messages)
  const plain: ChatRequest = messages === request.messages ? rest : { ...rest, messages }
  return {
    request: tools.size === 0 ? plain : withInstruction(plain, words(tools, toolChoice, parallelToolCalls)),
    tools,
    earlierCalls: callsIn(request.messages),
    lost,
  }
}

export const hasCalls = ({ messages }: ChatRequest): boolean => messages.some(({ parts }) => parts.some(isOfTools))

const isOfTools = ({ type }: Part): boolean => type === 'tool-call' || type === 'tool-result'

function isOffered({ name }: Tool, choice: ToolChoice | undefined): boolean {
  if (choice?.mode === 'none') return false
  return choice?.mode !== 'allowed' || choice.names.includes(name)
}

function callsIn(messages: readonly Message[]): number {
  return messages.reduce((sum, { parts }) => sum + parts.filter(({ type }) => type === 'tool-call').length, 0)
}

function words(
  tools: ReadonlyMap<string, DescribedTool>,
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
): string {
  const list = [...tools.values()].map((tool) => safeJson(describeTool(tool))).join('\n')
  return [
    'You can call tools. They are, one a line, with a JSON Schema of their arguments:',
    `<tools>\n${list}\n</tools>`,
    'To call a tool, write its name and its arguments as JSON between these marks, and nothing after them:',
    `${callStart}\n{"name": "NAME", "arguments": {…}}\n${callEnd}`,
    parallel === false
      ? 'Make at most one call in an answer.'
      : 'To make several calls, write them one after the other, each between marks of its own.',
    `What the tools give comes with the next message, in the order of the calls, between ${resultStart} and ${resultEnd}; never write that yourself.`,
    wish(choice),
  ].join('\n')
}

function wish(choice: ToolChoice | undefined): string {
  if (choice?.mode === 'tool') return `In this answer you have to call the tool ${JSON.stringify(choice.name)}.`
  if (choice?.mode === 'required' || (choice?.mode === 'allowed' && choice.required))
    return 'In this answer you have to call at least one tool.'
  return 'Call tools only where they help; otherwise answer as usual, without any marks.'
}

/** The same messages where none has a call or a result. */
function asText(messages: readonly Message[]): readonly Message[] {
  if (!messages.some(({ parts }) => parts.some(isOfTools))) return messages
  const names = new Map<string, string>()
  const written: Message[] = []
  let results: Message | undefined
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name)
    if (!message.parts.some(isOfTools)) {
      results = undefined
      written.push(message)
      continue
    }
    const parts = joined(message.parts.flatMap((part) => partAsText(part, names)))
    const { form: _, ...rest } = message
    if (message.role !== 'tool') {
      results = undefined
      written.push({ ...rest, parts })
      continue
    }
    // Results of parallel calls come as messages of their own, but are one turn of the user's.
    if (results === undefined) written.push((results = { role: 'user', parts }))
    else written[written.length - 1] = results = { role: 'user', parts: joined([...results.parts, ...parts]) }
  }
  return written
}

function partAsText(part: Part, names: ReadonlyMap<string, string>): Part[] {
  if (part.type === 'tool-call') return [text(writeCall(part))]
  return part.type === 'tool-result' ? resultAsText(part, names) : [part]
}

/** Text of the result within the marks; what else it holds comes right behind them. */
function resultAsText(result: ToolResultPart, names: ReadonlyMap<string, string>): Part[] {
  const said = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const others = result.content.filter((part) => part.type !== 'text')
  const name = names.get(result.callId)
  const json = {
    ...(name !== undefined && { name }),
    ...(result.isError === true && { error: true }),
    content: said.length === 0 && others.length > 0 ? 'What it gave follows.' : said.join('\n'),
  }
  return [text(`${resultStart}\n${safeJson(json)}\n${resultEnd}`), ...others]
}

const text = (value: string): TextPart => ({ type: 'text', text: value })

/** Neighbouring texts as one: some servers take a single text and nothing else. */
function joined(parts: readonly Part[]): Part[] {
  const whole: Part[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    if (part.type !== 'text' || last?.type !== 'text') whole.push(part)
    else if (last.text === '') whole[whole.length - 1] = part
    else if (part.text !== '')
      whole[whole.length - 1] = { ...last, ...markOf(part), text: `${last.text}\n${part.text}` }
  }
  return whole
}

/** A mark of the prompt's cache holds for all before it. */
const markOf = ({ cache }: TextPart): Pick<TextPart, 'cache'> => (cache === undefined ? {} : { cache })
