/** Where the client wrote each message, for telling what could not be said: some protocols keep instructions out of the conversation. */
import type { Message } from './chat.ts'
import { joinPath } from './loss.ts'

export interface MessagePlace {
  /** `messages[2]`, or `system`. */
  readonly path: string
  /** Of its content: `messages[2].content`, or `system` again. */
  readonly content: string
}

export function messagePlaces(messages: readonly Message[]): MessagePlace[] {
  let index = 0
  return messages.map(({ apart, place }) => {
    if (apart !== undefined) return { path: apart, content: apart }
    const path = place ?? joinPath('messages', index++)
    return { path, content: joinPath(path, 'content') }
  })
}
