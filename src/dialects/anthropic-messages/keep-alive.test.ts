/** Events that say nothing, with which some services keep a connection alive: they end nothing and hide nothing. */
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from './index.ts'

const { stream } = anthropicMessages
const event = (data: { type: string; [key: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const start = event({
  type: 'message_start',
  message: {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'c',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  },
})
const failure = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
const silent = 'data:\n\ndata: \n\n'

describe('events without data', () => {
  it('do not end the decoder', () => {
    const decoder = stream?.decoder()
    const events = decoder?.push(Buffer.from(silent + start + silent + failure))
    expect(events?.at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_overloaded' } })
    expect(events?.[0]).toMatchObject({ type: 'response-start', id: 'm' })
  })

  it('do not hide an error from the observer', () => {
    const observer = stream?.observer({ withholdUsage: false })
    observer?.push(Buffer.from(start + silent + failure))
    expect(observer?.facts()).toMatchObject({ id: 'm', fault: { code: 'provider_overloaded' } })
  })
})

describe('an image', () => {
  it('without a source is refused with its place', () => {
    const request = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: [{ type: 'image' }] }] }
    expect(() => anthropicMessages.request.decode(request)).toThrow(
      expect.objectContaining({ param: 'messages[0].content[0].source' }) as Error,
    )
  })
})
