/** Every case from a client of every chat dialect to a provider of every other and back: what is not reported as lost must arrive. */
import { describe, expect, it } from 'vitest'
import { sampled } from '../../src/kernel/testing/depth.ts'
import { chatDialects } from './chat-dialects.ts'
import { asksOnly, hasTools } from './exercise.ts'
import { readCases } from './golden-case.ts'
import type { GoldenCase } from './golden-case.ts'
import { expectSameAnswer, expectSameRequest } from './laws.ts'
import { answerOf, conversationOf } from './meaning.ts'
import { saidByProvider, translateAnswer, translateRequest, translateReturn } from './translate.ts'

const cases = readCases().filter(({ faults }) => faults === undefined)

/** Protocols of one text that no client can speak to the gateway are read as a provider's alone. */
const clients = chatDialects.filter((dialect) => !asksOnly(dialect))
const pairs = clients.flatMap((client, row) =>
  chatDialects.flatMap((provider, column) =>
    // Each case goes from each client to some provider, and to each provider from some client.
    provider === client ? [] : [{ client, provider, cases: sampled(cases, 3, row + column) }],
  ),
)

/** One test for all cases of a pair, since there are thousands; it tells of every case that fails. */
async function expectInEvery(
  cases: readonly GoldenCase[],
  check: (golden: GoldenCase) => Promise<void> | void,
): Promise<void> {
  const failed: string[] = []
  for (const golden of cases) {
    try {
      await check(golden)
    } catch (error) {
      failed.push(`${golden.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  expect(failed.join('\n')).toBe('')
}

describe.each(pairs)('from $client.id to $provider.id', ({ client, provider, cases: some }) => {
  it('asks for everything but what is reported', async () => {
    await expectInEvery(some, async (golden) => {
      const translated = await translateRequest(golden, client, provider)
      if (translated !== undefined) expectSameRequest(translated)
    })
  })

  it('answers everything but what is reported, and says the same in a stream', async () => {
    await expectInEvery(some, (golden) => {
      const translated = translateAnswer(golden, client, provider)
      if (translated === undefined) return
      expectSameAnswer(translated, hasTools(client))
      if (translated.streamed !== undefined) expect(answerOf(translated.streamed)).toEqual(answerOf(translated.read))
    })
  })

  it('brings reasoning back to the provider that wrote it, unharmed', async () => {
    await expectInEvery(cases, async (golden) => {
      if (golden.returns !== true) return
      const returned = await translateReturn(golden, client, provider)
      const parts = saidByProvider(golden, provider)?.choices.flatMap((choice) => choice.parts) ?? []
      const [written] = conversationOf({ messages: [{ role: 'assistant', parts }] }).reasoning
      const shown = translateAnswer(golden, client, provider)?.lost.filter(({ kind }) => kind === 'dropped')
      // Some clients' protocols have no place in which it could come back, which is told with the answer.
      if (returned === undefined || written === undefined || shown?.length !== 0) return
      expect(returned.lost).toEqual([])
      const [text, signature, encrypted] = written
      expect(conversationOf(returned.read).reasoning).toContainEqual([
        text,
        signature === '' ? expect.any(String) : signature,
        encrypted,
      ])
    })
  })
})
