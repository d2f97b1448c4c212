/**
 * Rewrites a request for JSON so that a target without structured output of its own understands it: with a tool that the model has to
 * call, or with words. Says how to read the value out of the answer again.
 */
import type { ChatRequest, FunctionTool, OutputFormat, ToolChoice } from '../../../model/chat.ts'
import type { JsonObject } from '../../../model/json.ts'
import { withInstruction } from '../instruct.ts'
import { PlainValue, TextValue, ToolValue } from './choice-value.ts'
import type { ChoiceValue } from './choice-value.ts'
import { isObjectSchema, openingOf, wrapped } from './wrapper.ts'

/** `plain`: the target does it by itself, and its answers are only checked. */
export type Way = 'tool' | 'prompt' | 'plain'

export interface Asked {
  readonly request: ChatRequest
  /** What the value has to fit. */
  readonly schema: JsonObject
  /** The tool that the value is given to. */
  readonly tool?: string
  reader(choice: number): ChoiceValue
}

export type JsonFormat = Exclude<OutputFormat, { type: 'text' }>

export function askForValue(request: ChatRequest, format: JsonFormat, way: Way): Asked {
  const schema: JsonObject = format.type === 'json-schema' ? format.schema : { type: ['object', 'array'] }
  if (way === 'plain') return { request, schema, reader: () => new PlainValue() }
  const { format: _, ...rest } = request
  // Without a schema there is nothing to describe a tool with, and models call it with nothing.
  if (way === 'tool' && format.type === 'json-schema') return askWithTool(rest, format)
  return askInWords(rest, format, schema)
}

type SchemaFormat = Extract<OutputFormat, { type: 'json-schema' }>

function askWithTool(request: ChatRequest, format: SchemaFormat): Asked {
  const { schema } = format
  const own = request.tools ?? []
  const name = freeName(new Set(own.map((tool) => tool.name)))
  const wraps = !isObjectSchema(schema)
  const tool: FunctionTool = {
    type: 'function',
    name,
    description: descriptionOf(format, own.length > 0),
    parameters: wraps ? wrapped(schema) : { type: 'object', ...schema },
  }
  const asked: ChatRequest = { ...request, tools: [...own, tool], toolChoice: choiceBeside(request, name) }
  return {
    request: asked.toolChoice?.mode === 'auto' ? withInstruction(asked, insistence(name, own.length > 0)) : asked,
    schema,
    tool: name,
    reader: (choice) => new ToolValue(choice, name, wraps),
  }
}

const standIn = 'final_answer'

function freeName(taken: ReadonlySet<string>): string {
  let name = standIn
  for (let count = 2; taken.has(name); count += 1) name = `${standIn}_${count}`
  return name
}

function descriptionOf({ name, description }: SchemaFormat, besides: boolean): string {
  const sentences = [
    besides
      ? 'Gives the final answer. Call it once, in place of an answer in text, as soon as no other tool is needed.'
      : 'Gives the answer. Call it once, in place of an answer in text.',
    ...(name === undefined ? [] : [`What it takes is called "${name}".`]),
    ...(description === undefined ? [] : [description]),
  ]
  return sentences.join(' ')
}

/** The model has to call this tool, or one of those that it may call besides. */
function choiceBeside(request: ChatRequest, name: string): ToolChoice {
  // Services that think refuse to be forced at the same time.
  if (thinks(request)) return { mode: 'auto' }
  const { tools = [], toolChoice } = request
  if (tools.length === 0 || toolChoice?.mode === 'none') return { mode: 'tool', name }
  if (toolChoice?.mode !== 'allowed') return { mode: 'required' }
  return { mode: 'allowed', names: [...toolChoice.names, name], required: true, raw: null, origin: 'sluicegate' }
}

function thinks({ reasoning }: ChatRequest): boolean {
  if (reasoning === undefined || reasoning.mode === 'disabled' || reasoning.effort === 'none') return false
  return reasoning.mode !== undefined || reasoning.effort !== undefined || reasoning.budget !== undefined
}

const insistence = (name: string, besides: boolean): string =>
  `${besides ? 'As soon as no other tool is needed, give' : 'Give'} your answer by calling the tool "${name}", and never as text.`

function askInWords(request: ChatRequest, format: JsonFormat, schema: JsonObject): Asked {
  const besides = (request.tools?.length ?? 0) > 0 && request.toolChoice?.mode !== 'none'
  const opening = openingOf(schema)
  const wraps = opening === undefined
  const described = wraps ? wrapped(schema) : schema
  return {
    request: withInstruction(request, words(format, described, besides)),
    schema,
    reader: (choice) => new TextValue(choice, opening ?? '{', wraps),
  }
}

function words(format: JsonFormat, schema: JsonObject, besides: boolean): string {
  const begin = besides ? 'Whenever you answer without calling a tool, answer' : 'Answer'
  const rule = `${begin} with one JSON value and nothing else: no words before or after it, and no Markdown.`
  if (format.type === 'json') return `${rule} It is an object, unless a list is asked for.`
  const about = [
    format.name === undefined ? '' : ` ("${format.name}")`,
    format.description === undefined ? '' : `: ${format.description}`,
  ]
  return `${rule} The value${about.join('')} has to be valid by this JSON Schema:\n${JSON.stringify(schema)}`
}

/** The client lets the model do nothing but call its tools, so that there is no answer to hold to a schema. */
export function onlyCalls({ tools = [], toolChoice }: ChatRequest): boolean {
  if (tools.length === 0 || toolChoice === undefined) return false
  return (
    toolChoice.mode === 'required' ||
    toolChoice.mode === 'tool' ||
    (toolChoice.mode === 'allowed' && toolChoice.required)
  )
}
