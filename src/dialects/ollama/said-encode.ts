/** Sorts parts into the members that Ollama has for them: text, thinking, images and calls. What none of them can hold is reported. */
import { documentText } from '../../kernel/codec/document-text.ts'
import type { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, ReasoningPart } from '../../model/part.ts'
import { imageData } from './images.ts'
import type { Kind } from './kind.ts'
import { encodeToolCall } from './tool-calls.ts'

export interface Said {
  readonly texts: string[]
  readonly thinking: string[]
  readonly images: string[]
  readonly calls: JsonObject[]
}

/** Who speaks: thinking goes to the model that it came from alone, but may be shown to any client. */
export type Speaker = 'asked' | 'assistant' | 'answer'

/** `path` is that of the parts' list. */
export function sort(parts: readonly Part[], speaker: Speaker, kind: Kind, path: string, lost: Loss[]): Said {
  const said: Said = { texts: [], thinking: [], images: [], calls: [] }
  for (const [index, part] of parts.entries()) sortPart(part, said, speaker, kind, joinPath(path, index), lost)
  return said
}

export function sortPart(part: Part, said: Said, speaker: Speaker, kind: Kind, path: string, lost: Loss[]): void {
  const { id } = kind
  if (part.type !== 'tool-call') reportForeignExtra(part, id, path, lost)
  if (part.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${id} caches prompts by itself and takes no marks`)
  switch (part.type) {
    case 'text':
      if ((part.citations?.length ?? 0) > 0) reportCitations(path, kind, lost)
      said.texts.push(part.text)
      return
    case 'refusal':
      adapt(lost, path, `${id} has no refusals; it is told as text`)
      said.texts.push(part.text)
      return
    case 'reasoning':
      if (speaker === 'answer') said.thinking.push(shownReasoning(part, kind, path, lost))
      else if (speaker === 'assistant' && part.origin === id) said.thinking.push(part.text)
      else drop(lost, path, `reasoning of ${part.origin} means nothing to ${id}`)
      return
    case 'image': {
      const data = kind.message === '' && speaker === 'answer' ? undefined : imageData(part)
      if (data === undefined) drop(lost, path, `${id} takes and gives images as data only`)
      else {
        said.images.push(data)
        if (part.detail !== undefined && part.detail !== 'auto')
          drop(lost, joinPath(path, 'detail'), `${id} cannot be told how closely to look at an image`)
      }
      return
    }
    case 'file': {
      const text = documentText(part.source)
      if (text === undefined) {
        drop(lost, path, `${id} takes no documents but text`)
        return
      }
      adapt(lost, path, `${id} takes no documents; its text is sent as text`)
      if (part.citable === true) reportCitations(path, kind, lost)
      said.texts.push(
        [part.title ?? part.filename, part.context, text].filter((line) => line !== undefined).join('\n\n'),
      )
      return
    }
    case 'tool-call':
      if (kind.message === '' || speaker === 'asked')
        drop(lost, path, `${id} has no place for the call of ${part.name} here`)
      else said.calls.push(encodeToolCall(part, said.calls.length, path, lost))
      return
    case 'opaque':
      if (part.origin === id && isJsonObject(part.value)) said.calls.push(part.value)
      else drop(lost, path, `${id} has no counterpart of this ${part.origin} block`)
      return
    case 'audio':
    case 'video':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
      drop(lost, path, `${id} has no place for this ${part.type} part`)
  }
}

export function reportCitations(path: string, { id }: Kind, lost: Loss[]): void {
  drop(lost, joinPath(path, 'citations'), `${id} has no citations`)
}

function shownReasoning(part: ReasoningPart, { id }: Kind, path: string, lost: Loss[]): string {
  if (part.encrypted !== undefined) drop(lost, path, `${id} shows thinking as text, which encrypted reasoning is not`)
  // Signatures may be announced empty before they come.
  if (part.signature !== undefined && part.signature !== '') reportSignature(path, id, lost)
  return part.text
}

export function reportSignature(path: string, id: string, lost: Loss[]): void {
  drop(lost, joinPath(path, 'signature'), `${id} has no place for the signature of reasoning`)
}

/** Writes what was said into the object at `member`, which is empty for the document itself. */
export function writeSaid(
  writer: MemberWriter,
  said: Said,
  { member, text, gap }: { readonly member: string; readonly text: string; readonly gap: string },
): void {
  const at = (key: string): string => joinPath(member, key)
  const whole = said.texts.join(gap)
  if (whole !== '' || !(writer.wasAbsent(at(text)) || writer.wasNull(at(text)))) writer.set(at(text), whole)
  const thinking = said.thinking.join('')
  if (thinking !== '' || writer.note('blankThinking') === true) writer.set(at('thinking'), thinking)
  if (said.images.length > 0) writer.set(at('images'), said.images)
  if (said.calls.length > 0) writer.set(at('tool_calls'), said.calls)
}
