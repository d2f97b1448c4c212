/** What is to be judged, as a chat model is shown it. */
import { Fault } from '../../model/fault.ts'
import { joinPath } from '../../model/loss.ts'
import type { ModerationInput } from '../../model/moderation.ts'
import type { Part } from '../../model/part.ts'

/** Throws a Fault (`not_expressible`) for parts that are neither texts nor pictures. */
export function chatParts({ parts }: ModerationInput): Part[] {
  return parts.map((part, index): Part => {
    if (part.type === 'text') return { type: 'text', text: part.text }
    if (part.type === 'opaque') {
      const path = joinPath('input', index)
      throw new Fault('not_expressible', `${path} is neither a text nor a picture.`, { param: path })
    }
    const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(part.url) ?? []
    if (mediaType !== undefined && data !== undefined)
      return { type: 'image', source: { kind: 'base64', mediaType, data } }
    return { type: 'image', source: { kind: 'url', url: part.url } }
  })
}
