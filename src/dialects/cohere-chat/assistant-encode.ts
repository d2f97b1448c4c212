/** What the assistant says, in requests and answers alike: plan, content, citations and calls, each in a member of its own. */
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { OpaquePart, Part, ToolCallPart } from '../../model/part.ts'
import { encodeCitations } from './citations.ts'
import { encodeBlock, writeContent } from './content-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { MemberWriter } from './members.ts'
import { isPlan } from './plan.ts'
import { adapt, drop } from './report.ts'

export interface AssistantContext {
  /** Where the message stands in what is written: empty, or `message`. */
  readonly member: '' | 'message'
  readonly answer: boolean
  /** The message in the client's terms, for losses. */
  readonly path: string
  readonly lost: Loss[]
}

/** Writes the parts into the message; false when nothing was left to say. */
export function writeAssistant(writer: MemberWriter, parts: readonly Part[], context: AssistantContext): boolean {
  const { member, answer, path, lost } = context
  const at = (key: string): string => joinPath(member, key)
  const plans = parts.filter((part) => part.type === 'reasoning' && isPlan(part))
  const loose = parts.filter((part) => placeOf(part) === 'citations') as OpaquePart[]
  const calls = parts.filter((part) => part.type === 'tool-call' || placeOf(part) === 'tool_calls')
  const apart = new Set<Part>([...plans, ...loose, ...calls])

  const plan = plans.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  if (plan !== '' || writer.note('blankPlan') === true) writer.set(at('tool_plan'), plan)

  const said: Part[] = []
  const blocks = parts.flatMap((part, index) => {
    if (apart.has(part)) return []
    const block = encodeBlock(part, joinPath(joinPath(path, 'content'), index), { place: 'assistant', answer, lost })
    if (block === undefined) return []
    said.push(part)
    return [block]
  })
  if (blocks.length > 0) writeBlocks(writer, at('content'), blocks, answer)
  // A call needs no content beside it.
  else if (answer && writer.form === undefined && calls.length === 0) writer.set(at('content'), [])

  const citations = encodeCitations(said, answer, path, lost)
  for (const part of loose) citations.splice(numberAt(part) ?? citations.length, 0, part.value)
  if (citations.length > 0) writer.set(at('citations'), citations)
  const encoded = calls.map((call, index) => encodeCall(call, joinPath(joinPath(path, 'tool_calls'), index), lost))
  if (encoded.length > 0) writer.set(at('tool_calls'), encoded)
  return plan !== '' || blocks.length + citations.length + encoded.length > 0
}

const placeOf = (part: Part): JsonValue | undefined =>
  part.type === 'opaque' && part.origin === dialectId ? ownForm(part)?.['place'] : undefined

function numberAt(part: OpaquePart): number | undefined {
  const at = ownForm(part)?.['at']
  return typeof at === 'number' ? at : undefined
}

/** Answers always have a list. */
function writeBlocks(writer: MemberWriter, member: string, blocks: JsonObject[], answer: boolean): void {
  if (answer && writer.note('text') !== true) writer.set(member, blocks)
  else writeContent(writer, member, blocks)
}

function encodeCall(part: Part, path: string, lost: Loss[]): JsonValue {
  if (part.type !== 'tool-call') return part.type === 'opaque' ? part.value : null
  reportForeignExtra(part, dialectId, path, lost)
  if (part.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), 'prompts are cached by themselves here')
  const writer = new MemberWriter(part)
  writer.set('id', part.id)
  if (!writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', 'function')
  const unsaid = (key: string): boolean => writer.wasAbsent(`function.${key}`) || writer.wasNull(`function.${key}`)
  if (part.name !== '' || !unsaid('name')) writer.set('function.name', part.name)
  const text = argumentsOf(part, path, lost)
  if (text !== '' || !unsaid('arguments')) writer.set('function.arguments', text)
  return writer.finish()
}

/** JSON text, as the model wrote it; readers parse it, and no text is no JSON. */
function argumentsOf(part: ToolCallPart, path: string, lost: Loss[]): string {
  if (isOwn(part)) return part.arguments
  if (part.kind !== 'custom') return part.arguments === '' ? '{}' : part.arguments
  const { input, adapted } = toolInputOf(part.arguments, part.kind)
  if (adapted !== undefined) adapt(lost, joinPath(path, 'arguments'), adapted)
  return JSON.stringify(input)
}
