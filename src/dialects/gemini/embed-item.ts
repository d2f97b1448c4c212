/**
 * One text that is to become a vector, as `embedContent` has it for its whole body and `batchEmbedContents` in each of its requests:
 * what to embed, what for, and how long the vector may be. https://ai.google.dev/api/embeddings
 */
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import type { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { refuseInput } from '../../kernel/codec/embedding-losses.ts'
import type { EmbeddingInput, EmbeddingTask } from '../../model/embedding.ts'
import { embeddingTasks } from '../../model/embedding.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Where Google's own clients put the settings for Vertex AI and its newer models. */
const config = 'embedContentConfig'
const settings = ['taskType', 'title', 'outputDimensionality'] as const

export interface EmbedItem {
  readonly input: EmbeddingInput
  readonly dimensions: number | undefined
}

/** Reads all of an item but what the reader's node keeps. */
export function readItem(reader: MemberReader, origin: string): EmbedItem {
  const model = reader.string('model')
  if (model !== undefined) reader.note('model', model)
  const content = reader.take('content')
  if (!isJsonObject(content)) throw wrongType(reader.at('content'), 'an object with `parts`', content)
  const inner = isJsonObject(reader.peek(config)) ? reader.nested(config) : undefined
  const inside = settings.filter((key) => inner?.has(key) === true && !reader.has(key))
  if (inside.length > 0) reader.note('inside', inside)
  const placeOf = (key: (typeof settings)[number]): MemberReader =>
    inner !== undefined && inside.includes(key) ? inner : reader
  const task = readTask(placeOf('taskType'))
  const title = placeOf('title').string('title')
  const dimensions = placeOf('outputDimensionality').integer('outputDimensionality', 1)
  const about = { ...(task !== undefined && { task }), ...(title !== undefined && { title }) }
  const text = textOf(content)
  if (text === undefined) return { input: { type: 'opaque', origin, value: content, ...about }, dimensions }
  if (!isPlain(content)) reader.note('content', content)
  return { input: { type: 'text', text, ...about }, dimensions }
}

/** The words of a content that has nothing else in it. Several parts become one vector. */
function textOf({ role, parts, ...rest }: JsonObject): string | undefined {
  if (Object.keys(rest).length > 0) return undefined
  if (role !== undefined && typeof role !== 'string') return undefined
  const list = isJsonObject(parts) ? [parts] : parts
  if (!Array.isArray(list) || list.length === 0) return undefined
  const texts = list.map((part) =>
    isJsonObject(part) && Object.keys(part).length === 1 && typeof part['text'] === 'string' ? part['text'] : undefined,
  )
  return texts.some((text) => text === undefined) ? undefined : texts.join('\n')
}

const isPlain = ({ role, parts }: JsonObject): boolean =>
  role === undefined && Array.isArray(parts) && parts.length === 1

const wordOf = (task: EmbeddingTask): string => task.replaceAll('-', '_').toUpperCase()

const tasks = new Map<JsonValue | undefined, EmbeddingTask>(embeddingTasks.map((task) => [wordOf(task), task]))

/** A word that is not known here stays what it is. */
function readTask(reader: MemberReader): EmbeddingTask | undefined {
  const value = reader.peek('taskType')
  const task = tasks.get(value)
  if (task !== undefined || value === null) reader.take('taskType')
  return task
}

/** `writer` is of the node that `readItem` read, or of another dialect's. Throws a Fault (`not_expressible`) for what is no text. */
export function writeItem(
  writer: MemberWriter,
  { input, dimensions }: EmbedItem,
  place: { readonly origin: string; readonly index: number; readonly model: string | undefined },
): void {
  writer.set('model', place.model)
  writer.set('content', writeContent(writer, input, place.origin, place.index))
  const inside = writer.note('inside')
  const set = (key: (typeof settings)[number], value: JsonValue | undefined): void =>
    writer.set(Array.isArray(inside) && inside.includes(key) ? `${config}.${key}` : key, value)
  set('taskType', input.task === undefined ? undefined : wordOf(input.task))
  set('title', input.title)
  set('outputDimensionality', dimensions)
}

function writeContent(writer: MemberWriter, input: EmbeddingInput, origin: string, index: number): JsonObject {
  if (input.type === 'opaque' && input.origin === origin && isJsonObject(input.value)) return input.value
  if (input.type !== 'text') throw refuseInput(input, index, origin)
  const spelled = writer.note('content')
  return isJsonObject(spelled) && textOf(spelled) === input.text ? spelled : { parts: [{ text: input.text }] }
}

/** The resource name that an item is to have: as it was spelled where it names the same model. */
export function writtenModel(writer: MemberWriter, model: string): string {
  const spelled = writer.note('model')
  return typeof spelled === 'string' && bareModel(spelled) === model
    ? spelled
    : model.includes('/')
      ? model
      : `models/${model}`
}

export const bareModel = (name: string): string => name.replace(/^models\//, '')
