/** Requests for vectors in the manner of OpenAI's, both ways, in whatever names the protocol has. */
import { MemberReader, wrongType } from '../member-reader.ts'
import type { EncodeContext, Encoded } from '../../dialect.ts'
import { refuseInput, reportInputSettings, taskWord } from '../embedding-losses.ts'
import type { EmbeddingInput, EmbeddingRequest, EmbeddingTask } from '../../../model/embedding.ts'
import { invalidRequest } from '../../../model/fault.ts'
import type { JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { drop, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { TaskSpelling } from '../../spelling.ts'
import { MemberWriter } from '../member-writer.ts'
import type { EmbedWire } from './embed-wire.ts'

export function decodeRequest(wire: EmbedWire, json: unknown): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const names = wire.request
  const reader = new MemberReader(wire.id, json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const input = reader.take('input')
  const single = isSingle(input)
  if (single) reader.note('single', true)
  const given = single ? [readInput(wire, input, 'input')] : readInputs(wire, input)
  const dimensions = reader.integer(names.dimensions, 1)
  const endUser = names.user === undefined ? undefined : reader.string(names.user)
  const encoding = readEncoding(names.encodings, reader.peek('encoding_format'))
  if (encoding !== undefined || reader.peek('encoding_format') === null) reader.take('encoding_format')
  const task = readTask(wire, reader)
  return {
    model,
    inputs: task === undefined ? given : given.map((each) => ({ ...each, task })),
    ...(dimensions !== undefined && { dimensions }),
    ...(encoding !== undefined && { encoding }),
    ...(endUser !== undefined && { endUser }),
    ...reader.node(),
  }
}

type Encoding = NonNullable<EmbeddingRequest['encoding']>

/** A service may know more ways than the two of OpenAI: those stay what they are. */
function readEncoding(known: readonly Encoding[], value: JsonValue | undefined): Encoding | undefined {
  if (value !== undefined && value !== null && typeof value !== 'string')
    throw wrongType('encoding_format', '"float" or "base64"', value)
  return known.find((encoding) => encoding === value)
}

/** A word that is not known here stays what it is. */
function readTask({ request: { task } }: EmbedWire, reader: MemberReader): EmbeddingTask | undefined {
  const value = reader.peek(task.member)
  const known = typeof value === 'string' && Object.hasOwn(task.tasks, value) ? task.tasks[value] : undefined
  if (known === undefined || typeof value !== 'string') return undefined
  reader.take(task.member)
  reader.note('task', value)
  return known
}

const isSingle = (input: JsonValue | undefined): input is string | number[] =>
  typeof input === 'string' || (Array.isArray(input) && typeof input[0] === 'number')

function readInputs(wire: EmbedWire, input: JsonValue | undefined): EmbeddingInput[] {
  if (!Array.isArray(input)) throw wrongType('input', 'a text, or an array of texts or of tokens', input)
  if (input.length === 0) throw invalidRequest('input', '`input` is empty: send at least one text.')
  return input.map((item, index) => readInput(wire, item, `input[${index}]`))
}

function readInput(wire: EmbedWire, item: JsonValue, path: string): EmbeddingInput {
  if (typeof item === 'string') return { type: 'text', text: item }
  if (Array.isArray(item)) return { type: 'tokens', tokens: item.map((token, at) => readToken(token, path, at)) }
  // Services of other makers take objects: a picture by its URL, a text with a title.
  if (isJsonObject(item)) return { type: 'opaque', origin: wire.id, value: item }
  throw wrongType(path, 'a text or an array of tokens', item)
}

function readToken(token: JsonValue, path: string, index: number): number {
  if (typeof token === 'number' && Number.isInteger(token) && token >= 0) return token
  throw wrongType(`${path}[${index}]`, 'a token: a whole number', token)
}

/** Throws a Fault (`not_expressible`) for inputs that the protocol has no words for, or of several kinds. */
export function encodeRequest(
  wire: EmbedWire,
  request: EmbeddingRequest,
  context: EncodeContext<EmbeddingRequest>,
): Encoded {
  const names = wire.request
  const lost: Loss[] = []
  reportForeignExtra(request, wire.id, '', lost)
  reportInputSettings(request.inputs, wire.id, lost)
  const writer = new MemberWriter(wire.id, request)
  writer.set('model', context.model)
  const inputs = writeInputs(wire, request.inputs)
  const [only] = inputs
  writer.set('input', writer.note('single') === true && inputs.length === 1 && only !== undefined ? only : inputs)
  writer.set(names.dimensions, request.dimensions)
  if (request.encoding !== undefined && names.encodings.includes(request.encoding))
    writer.set('encoding_format', request.encoding)
  if (names.user !== undefined) writer.set(names.user, request.endUser)
  else if (request.endUser !== undefined) drop(lost, 'user', `${wire.id} takes no id of a user`)
  writeTask(wire, request, { writer, lost, spelling: context.spelling?.embeddingTask })
  return { json: writer.finish(), lost }
}

/** As its own client spelled it, else as the protocol or this service does. */
function writeTask(
  { id, request: { task } }: EmbedWire,
  { inputs }: EmbeddingRequest,
  { writer, lost, spelling }: { writer: MemberWriter; lost: Loss[]; spelling: TaskSpelling | undefined },
): void {
  const spelled = writer.note('task')
  const known = typeof spelled === 'string' ? task.tasks[spelled] : undefined
  if (known !== undefined && inputs.every((input) => input.task === known)) writer.set(task.member, spelled)
  else writer.set(spelling?.member ?? task.member, taskWord(inputs, spelling?.words ?? task.words, id, lost))
}

function writeInputs(wire: EmbedWire, inputs: readonly EmbeddingInput[]): JsonValue[] {
  const kind = inputs[0]?.type
  return inputs.map((input, index) => {
    if (input.type === 'opaque' && input.origin === wire.id) return input.value
    const mixed = (kind === 'text' || kind === 'tokens') && input.type !== kind
    if (input.type === 'opaque' || mixed || (input.type === 'tokens' && !wire.request.tokens))
      throw refuseInput(input, index, wire.id)
    return input.type === 'text' ? input.text : [...input.tokens]
  })
}
