/** Which files are something to train with, however their bytes come. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkTrainingLines } from './training-lines.ts'

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    if (to >= from) yield bytes.subarray(from, to)
    from = Math.max(from, to)
  }
}
const check = (text: string | Uint8Array, cuts: readonly number[] = []): Promise<void> =>
  checkTrainingLines(chunksOf(Buffer.from(text), cuts))
const message = { role: 'user', content: 'Hé, "quoted"\u2028 🚀' }

it('takes examples of every kind, cut anywhere', async () => {
  const examples = [
    { messages: [message, { role: 'assistant', tool_calls: [] }] },
    { prompt: 'a', completion: 'b' },
    { text: 'a' },
    { input: { messages: [message] }, preferred_output: [], non_preferred_output: [] },
  ].map((example) => JSON.stringify(example))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), fc.constantFrom('\n', '\r\n', '\n\n'), (cuts, separator) =>
      check(examples.join(separator), cuts),
    ),
    { numRuns: 60 },
  )
})

it.each<[string, string | Uint8Array, RegExp]>([
  ['nothing', '\n \n', /no example/],
  ['no JSON', '{"text":"a"}\n{', /Line 2 .*not valid JSON/],
  ['no object', '[]', /Line 1 .*not a JSON object/],
  ['no example', '{"text":"a"}\n\n{"a":1}', /Line 3 .*neither/],
  ['no messages', '{"messages":[]}', /no list of messages/],
  ['a message without a role', '{"messages":[{"content":"a"}]}', /messages\[0\]` without a `role`/],
  ['a message without content', '{"messages":[{"role":"user"}]}', /messages\[0\]` without `content`/],
  ['no text', Buffer.from([0x22, 0xff, 0x22]), /not valid UTF-8/],
  ['a line without an end', Buffer.alloc((16 << 20) + 1, 'a'), /longer than/],
])('refuses %s, and says where', async (_what, text, words) => {
  await expect(check(text, [3])).rejects.toMatchObject({
    code: 'invalid_request',
    param: 'file',
    message: expect.stringMatching(words) as string,
  })
})
