/**
 * A conversation written as plain text, for protocols that take one prompt and no messages: who speaks stands before each turn, and
 * the text ends where the assistant is to go on. All that people, models and tools said is in it; what is not text is reported.
 */
import { documentText } from './document-text.ts'
import type { Message, Role } from '../../model/chat.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { FilePart, ImagePart, Part, ToolResultPart } from '../../model/part.ts'

const speakers: Readonly<Record<Role, string>> = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
}

/** Where a model that only continues text would begin to speak for the user. */
export const nextTurn = `\n\n${speakers.user}:`

export interface TranscriptOptions {
  /** Dialect id of the protocol that is written to, for the reports. */
  readonly target: string
  /** How many messages at the beginning have a place of their own and are left out. */
  readonly skip?: number
  /** Whether the protocol takes this image beside the prompt; without it none is taken. */
  takesImage?(image: ImagePart): boolean
}

/** `path` is that of the messages, which are told to be adapted as a whole. */
export function transcriptOf(messages: readonly Message[], options: TranscriptOptions, lost: Loss[]): string {
  adapt(lost, 'messages', `${options.target} takes one prompt; the messages are written into it as a transcript`)
  const places = messagePlaces(messages)
  const names = namesOfCalls(messages)
  const turns = messages.flatMap((message, index) => {
    if (index < (options.skip ?? 0)) return []
    const { path = '', content = '' } = places[index] ?? {}
    reportForeignExtra(message, options.target, path, lost)
    const speaker = speakers[message.role] + (message.name === undefined ? '' : ` (${message.name})`)
    const text = textOf(message.parts, content, { ...options, names }, lost)
    return text === '' ? `${speaker}:` : `${speaker}: ${text}`
  })
  if (messages.at(-1)?.role !== 'assistant') turns.push(`${speakers.assistant}:`)
  return turns.join('\n\n')
}

function namesOfCalls(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'tool-call') names.set(part.id, part.name)
  return names
}

interface TextOptions extends TranscriptOptions {
  /** Of tools, by the ids of their calls. */
  readonly names: ReadonlyMap<string, string>
}

function textOf(parts: readonly Part[], path: string, options: TextOptions, lost: Loss[]): string {
  return parts
    .map((part, index) => textOfPart(part, joinPath(path, index), options, lost))
    .filter((text) => text !== undefined && text !== '')
    .join('\n')
}

/** What a part says as text; undefined, with the loss reported, for what does not say anything so. */
function textOfPart(part: Part, path: string, options: TextOptions, lost: Loss[]): string | undefined {
  const { target } = options
  reportForeignExtra(part, target, path, lost)
  if (part.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), `${target} takes no marks for a cache`)
  switch (part.type) {
    case 'text':
      if ((part.citations?.length ?? 0) > 0) drop(lost, joinPath(path, 'citations'), `${target} takes no citations`)
      return part.text
    case 'refusal':
      return part.text
    case 'image':
      if (options.takesImage?.(part) === true) return ''
      return drop(lost, path, `${target} takes no image like this`)
    case 'file':
      return textOfFile(part, path, target, lost)
    case 'tool-call':
      adapt(lost, path, `${target} has no tools; the call is told in words`)
      return `(calls the tool ${part.name} with ${part.arguments})`
    case 'tool-result':
      return textOfResult(part, path, options, lost)
    case 'reasoning':
      return drop(lost, path, `${target} takes no reasoning`)
    case 'audio':
    case 'video':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      return drop(lost, path, `${target} takes text and has no place for this ${part.type} part`)
  }
}

function textOfResult(result: ToolResultPart, path: string, options: TextOptions, lost: Loss[]): string {
  const tool = options.names.get(result.callId)
  const what = result.isError === true ? 'error' : 'result'
  const text = textOf(result.content, joinPath(path, 'content'), options, lost)
  return `(${what} of the tool${tool === undefined ? '' : ` ${tool}`}:)\n${text}`
}

function textOfFile(part: FilePart, path: string, target: string, lost: Loss[]): string | undefined {
  const text = documentText(part.source)
  if (text === undefined) return drop(lost, path, `${target} takes text alone, not this document`)
  if (part.citable === true) drop(lost, joinPath(path, 'citations'), `${target} has no citations of documents`)
  return [part.title ?? part.filename, part.context, text].filter((line) => line !== undefined).join('\n\n')
}
