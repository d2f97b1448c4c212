/**
 * Requests of `/api/generate`: a prompt, perhaps with instructions and images. `suffix`, `template`, `raw` and `context`, which no
 * other protocol has, stay unmodelled. A conversation of another protocol becomes a prompt, as a transcript where it has to.
 */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { transcriptOf } from '../../kernel/codec/transcript.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import { decodeImages, imageData } from './images.ts'
import { generate } from './kind.ts'
import { decodeText } from './said-decode.ts'
import { sort } from './said-encode.ts'
import { decodeSettings, writeSettings } from './settings.ts'

const { id } = generate
const own = { form: { [id]: {} } }
/** Clients in Go write these even where there is nothing to say. */
const optionalTexts = ['system', 'suffix', 'template'] as const

export function decodeGenerateRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  if ((reader.peek('prompt') ?? '') === '') {
    throw invalidRequest(
      'prompt',
      '`prompt` is empty, which asks an Ollama server to load the model; this model is served elsewhere: send a prompt.',
    )
  }
  const blanks = optionalTexts.filter((key) => reader.peek(key) === '')
  for (const key of blanks) reader.take(key)
  if (blanks.length > 0) reader.note('blanks', blanks)
  const system = blanks.includes('system') ? undefined : reader.string('system')
  const asked: Message = { role: 'user', parts: [...decodeImages(reader), ...decodeText(reader, 'prompt')], ...own }
  const instructions: Message[] =
    system === undefined ? [] : [{ role: 'system', apart: 'system', parts: [{ type: 'text', text: system }], ...own }]
  return { model, messages: [...instructions, asked], ...decodeSettings(reader), ...reader.node() }
}

export function encodeGenerateRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  writer.set('model', context.model)
  writeMessages(writer, request.messages, lost)
  const blanks = writer.note('blanks')
  for (const key of optionalTexts) if (Array.isArray(blanks) && blanks.includes(key)) writer.set(key, '')
  writeSettings(writer, request, generate, lost)
  for (const [index, tool] of (request.tools ?? []).entries())
    drop(lost, joinPath('tools', index), `${id} has no tools: ${tool.name} is not offered`)
  const { toolChoice } = request
  if (toolChoice !== undefined && toolChoice.mode !== 'none' && toolChoice.mode !== 'auto')
    drop(lost, 'tool_choice', `${id} has no tools to choose from`)
  return { json: writer.finish(), lost }
}

function writeMessages(writer: MemberWriter, messages: readonly Message[], lost: Loss[]): void {
  const places = messagePlaces(messages)
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const instructions = messages.slice(0, first === -1 ? messages.length : first).flatMap((message, index) => {
    const { path = '', content = '' } = places[index] ?? {}
    reportMessage(message, path, lost)
    return sort(message.parts, 'asked', generate, content, lost).texts
  })
  if (instructions.length > 0) writer.set('system', instructions.join('\n'))
  if (first === -1) return writer.set('prompt', '')
  const asked = messages[first]
  const alone = messages.length === first + 1 && asked?.role === 'user'
  if (!alone || asked.parts.some(({ type }) => type === 'tool-result'))
    return writeTranscript(writer, messages, first, lost)
  const { path = '', content = '' } = places[first] ?? {}
  reportMessage(asked, path, lost)
  const said = sort(asked.parts, 'asked', generate, content, lost)
  writer.set('prompt', said.texts.join('\n'))
  if (said.images.length > 0) writer.set('images', said.images)
}

function reportMessage(message: Message, path: string, lost: Loss[]): void {
  reportForeignExtra(message, id, path, lost)
  if (message.name !== undefined) drop(lost, joinPath(path, 'name'), `${id} has no names of who speaks`)
}

function writeTranscript(writer: MemberWriter, messages: readonly Message[], skip: number, lost: Loss[]): void {
  const images: string[] = []
  const takesImage = (image: Parameters<typeof imageData>[0]): boolean => {
    const data = imageData(image)
    if (data !== undefined) images.push(data)
    return data !== undefined
  }
  writer.set('prompt', transcriptOf(messages, { target: id, skip, takesImage }, lost))
  if (images.length > 0) writer.set('images', images)
}
