/**
 * The conversation of a request for a protocol that takes one prompt, perhaps with instructions beside it: one message of a user stands
 * as it is, everything else becomes a transcript that the model is to continue.
 */
import type { ChatRequest, Message } from '../../../model/chat.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import { messagePlaces } from '../../../model/message-places.ts'
import type { MessagePlace } from '../../../model/message-places.ts'
import type { Part } from '../../../model/part.ts'
import { documentText } from '../document-text.ts'
import { transcriptOf } from '../transcript.ts'
import type { TranscriptOptions } from '../transcript.ts'

export interface PromptOptions extends Pick<TranscriptOptions, 'target' | 'takesImage'> {
  /** The protocol has a place for instructions apart from the prompt. */
  readonly instructions: boolean
}

export interface WrittenPrompt {
  readonly instructions?: string
  readonly prompt: string
  /** The prompt is a transcript: a model that only continues text would go on to speak for the user. */
  readonly transcribed: boolean
}

export const instructs = ({ role }: Message): boolean => role === 'system' || role === 'developer'

/** How many messages at the beginning are instructions. */
export function leadingInstructions(messages: readonly Message[]): number {
  const first = messages.findIndex((message) => !instructs(message))
  return first === -1 ? messages.length : first
}

export function writePrompt({ messages }: ChatRequest, options: PromptOptions, lost: Loss[]): WrittenPrompt {
  const { target } = options
  const places = messagePlaces(messages)
  const first = options.instructions ? leadingInstructions(messages) : 0
  const texts = messages.slice(0, first).map((message, index) => plainText(message, places[index], options, lost))
  const instructions = first > 0 ? { instructions: texts.join('\n') } : {}
  const asked = messages[first]
  if (asked === undefined) return { ...instructions, prompt: '', transcribed: false }
  if (messages.length === first + 1 && asked.role === 'user' && !asked.parts.some(({ type }) => type === 'tool-result'))
    return { ...instructions, prompt: plainText(asked, places[first], options, lost), transcribed: false }
  const { takesImage } = options
  const prompt = transcriptOf(messages, { target, skip: first, ...(takesImage && { takesImage }) }, lost)
  return { ...instructions, prompt, transcribed: true }
}

/** What a message says as text; what is not text is reported. */
export function plainText(
  message: Message,
  place: MessagePlace | undefined,
  options: PromptOptions,
  lost: Loss[],
): string {
  const { path = '', content = '' } = place ?? {}
  const { target } = options
  reportForeignExtra(message, target, path, lost)
  if (message.name !== undefined) drop(lost, joinPath(path, 'name'), `${target} has no names of who speaks`)
  return message.parts
    .map((part, index) => textOf(part, joinPath(content, index), options, lost))
    .filter((text) => text !== undefined)
    .join('\n')
}

function textOf(part: Part, path: string, options: PromptOptions, lost: Loss[]): string | undefined {
  const { target } = options
  reportForeignExtra(part, target, path, lost)
  if (part.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), `${target} takes no marks for a cache`)
  if (part.type === 'text') {
    if ((part.citations?.length ?? 0) > 0) drop(lost, joinPath(path, 'citations'), `${target} takes no citations`)
    return part.text
  }
  if (part.type === 'refusal') {
    adapt(lost, path, `${target} has no refusals; it is told as text`)
    return part.text
  }
  if (part.type === 'image') {
    if (options.takesImage?.(part) !== true) return drop(lost, path, `${target} takes no image like this`)
    if (part.detail !== undefined && part.detail !== 'auto')
      drop(lost, joinPath(path, 'detail'), `${target} cannot be told how closely to look at an image`)
    return undefined
  }
  const text = part.type === 'file' ? documentText(part.source) : undefined
  if (part.type !== 'file' || text === undefined)
    return drop(lost, path, `${target} takes text and has no place for this ${part.type} part`)
  adapt(lost, path, `${target} takes no documents; its text is sent as text`)
  if (part.citable === true) drop(lost, joinPath(path, 'citations'), `${target} has no citations of documents`)
  return [part.title ?? part.filename, part.context, text].filter((line) => line !== undefined).join('\n\n')
}

/** The messages of a request that its own dialect decodes. Empty instructions are none. */
export function promptMessages(dialectId: string, prompt: string, instructions: string | undefined): Message[] {
  const form = { [dialectId]: {} }
  const asked: Message = { role: 'user', parts: prompt === '' ? [] : [{ type: 'text', text: prompt }], form }
  if (instructions === undefined || instructions === '') return [asked]
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }], form }, asked]
}
