/** Places are those of the client's request, whatever the list of messages begins with. */
import { expect, it } from 'vitest'
import { messagePlaces } from './message-places.ts'

it('counts the messages of the conversation, and names the member of what stood apart', () => {
  const user = { role: 'user', parts: [] } as const
  expect(messagePlaces([{ role: 'system', parts: [], apart: 'system' }, user, user])).toEqual([
    { path: 'system', content: 'system' },
    { path: 'messages[0]', content: 'messages[0].content' },
    { path: 'messages[1]', content: 'messages[1].content' },
  ])
  expect(messagePlaces([{ role: 'system', parts: [] }, user]).map(({ path }) => path)).toEqual([
    'messages[0]',
    'messages[1]',
  ])
})

it('names the place in a conversation that is no list of messages', () => {
  const [, , result] = messagePlaces([
    { role: 'user', parts: [], place: 'input[0]' },
    { role: 'assistant', parts: [], place: 'input[1]' },
    { role: 'tool', parts: [], place: 'input[4]' },
  ])
  expect(result).toEqual({ path: 'input[4]', content: 'input[4].content' })
})
