/** Streams as OpenAI's own SDK reads them: it follows every event, and is strict about their order, numbers and ids. */
import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import { chatEventsOf, chatResponseArbitrary, chatStreamArbitrary } from '../../kernel/testing/chat-arbitraries.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import { streams } from './fixtures/streams.ts'
import { openaiResponses } from './index.ts'
import { ResponseStreamDecoder } from './stream-decoder.ts'
import { ResponseStreamEncoder } from './stream-encoder.ts'

const context = { model: 'gpt-5.1', answerId: 'ex_0abc', streamUsage: false }

/** A client of the SDK whose every request is answered with `text`. */
function clientOf(text: string): OpenAI {
  const answer = (): Promise<Response> =>
    Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }))
  return new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1/v1', maxRetries: 0, fetch: answer })
}

function written(events: readonly ChatEvent[]): string {
  const encoder = new ResponseStreamEncoder(context)
  return events.map((event) => encoder.push(event)).join('') + encoder.end()
}

const request = { model: 'gpt-5.1', input: 'Hello' }

describe("OpenAI's SDK", () => {
  it('follows any stream, and has the same response in the end as the last event', async () => {
    await fc.assert(
      fc.asyncProperty(chatStreamArbitrary, async ({ events }) => {
        const stream = clientOf(written(events)).responses.stream(request)
        let last: unknown
        for await (const event of stream)
          if (event.type === 'response.completed' || event.type === 'response.incomplete') last = event.response
        const whole = await stream.finalResponse()
        expect(whole.output).toMatchObject((last as { output: object[] }).output)
        expect(whole.id).toBe('resp_ex_0abc')
      }),
      { numRuns: runs(100) },
    )
  })

  it('is told by a stream the items of the plain answer, where nothing overlaps', async () => {
    await fc.assert(
      fc.asyncProperty(chatResponseArbitrary, async (response) => {
        const stream = clientOf(written(chatEventsOf(response, () => 0))).responses.stream(request)
        const { output } = openaiResponses.response.encode(response, context).json as { output: object[] }
        expect((await stream.finalResponse()).output).toMatchObject(output)
      }),
      { numRuns: runs(100) },
    )
  })

  it('is told by a stream that was decoded and folded the same items once more, whatever overlapped', () => {
    fc.assert(
      fc.property(chatStreamArbitrary, ({ events }) => {
        const text = written(events)
        const last = text.slice(text.lastIndexOf('data: ') + 'data: '.length)
        const told = (JSON.parse(last) as { response: { output: object[] } }).response.output
        const whole = foldChat(new ResponseStreamDecoder().push(Buffer.from(text)))
        const { output } = openaiResponses.response.encode(whole, context).json as { output: object[] }
        expect(output).toEqual(told)
      }),
      { numRuns: runs(100) },
    )
  })

  it.each(streams.filter(({ streamFolds }) => streamFolds !== undefined))(
    'follows $name, encoded again',
    async ({ stream = '' }) => {
      const decoder = new ResponseStreamDecoder()
      const events = [...decoder.push(Buffer.from(stream)), ...decoder.end()]
      const whole = await clientOf(written(events)).responses.stream(request).finalResponse()
      expect(whole.id).toBe('resp_1')
    },
  )

  it('throws what ends a stream in an error', async () => {
    const encoder = new ResponseStreamEncoder(context)
    const text =
      encoder.push({ type: 'response-start', id: 'a', model: 'm' }) +
      encoder.push({ type: 'part-start', choice: 0, part: 0, value: { type: 'text', text: 'Hel' } }) +
      encoder.fault(new Fault('provider_overloaded', 'The provider is overloaded.'))
    const stream = await clientOf(text).responses.create({ ...request, stream: true })
    await expect(async () => {
      for await (const event of stream) expect(event.type).not.toBe('response.failed')
    }).rejects.toThrow('The provider is overloaded.')
  })
})
