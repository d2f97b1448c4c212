/**
 * The law of the golden matrix: what was encoded says the same when it is decoded, and whatever it does not say any more was reported.
 * A report counts for a difference when its path speaks of the same thing, so that no reported loss hides another.
 */
import { expect } from 'vitest'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import type { Loss } from '../../src/model/loss.ts'
import type { Exercised } from './exercise.ts'
import { answerOf, conversationOf, settingsOf, wordsOf } from './meaning.ts'

/** Setting → paths that speak of it, in whatever spelling. */
const settingPaths: Readonly<Record<string, RegExp>> = {
  maxOutputTokens: /max_?(?:completion_?|output_?)?tokens|num_predict/i,
  temperature: /temperature/,
  topP: /top_?p$/i,
  topK: /top_?k$/i,
  presencePenalty: /presence/i,
  frequencyPenalty: /frequency/i,
  seed: /seed/,
  stop: /stop/i,
  n: /^n$|candidate/i,
  logprobs: /logprobs/i,
  // Only the tools that are allowed may be offered.
  tools: /^tools|tool_choice/,
  toolChoice: /tool_?(?:choice|config)|^tools/i,
  parallelToolCalls: /parallel/i,
  format: /format|schema/i,
  reasoning: /reasoning|thinking|^think$|effort/i,
  verbosity: /verbosity/,
  endUser: /user/i,
  metadata: /metadata|labels/,
  serviceTier: /tier/i,
  modalities: /modalities/i,
  names: /name$/,
  cache: /cache/i,
  detail: /detail/i,
  errors: /is_error|status/i,
}

const conversationPath = /^(?:messages|system|input|instructions|contents|prompt)/

/** What a protocol may add that nobody asked: limits it demands, and defaults said aloud. */
const added = new Set(['maxOutputTokens', 'toolChoice', 'modalities'])

function expectReportedOnce(lost: readonly Loss[]): void {
  const said = lost.map(({ path, reason }) => `${path}: ${reason}`)
  expect(said.filter((loss, index) => said.indexOf(loss) !== index)).toEqual([])
  for (const { reason } of lost) expect(reason).not.toBe('')
}

/** Claude does not think unless it is told to, up to 4.6: to ask for no thinking there is nothing to say. */
const saidByDefault = (name: string, value: unknown, model: string): boolean =>
  name === 'reasoning' && value === 'off' && model.includes('claude')

export function expectSameRequest({ asked, lost, read }: Exercised<ChatRequest>): void {
  expectReportedOnce(lost)
  expect(read.stream).toBe(asked.stream)
  const before = settingsOf(asked)
  const after = settingsOf(read)
  for (const [name, value] of Object.entries(before)) {
    if (covers(lost, settingPaths[name]) || saidByDefault(name, value, read.model)) continue
    expect({ [name]: after[name] }, `${name} is not as it was, and that is not reported`).toEqual({ [name]: value })
  }
  for (const [name, value] of Object.entries(after)) {
    if (before[name] === undefined && !added.has(name)) expect({ [name]: value }, `${name} was never asked`).toEqual({})
  }
  const said = conversationOf(asked)
  const heard = conversationOf(read)
  if (!covers(lost, conversationPath)) expect(heard).toEqual(said)
  else expectWordsKept(said, heard)
}

type Conversation = ReturnType<typeof conversationOf>

/** All that was said is still there in its order, though perhaps in another's mouth or among other words. */
function expectWordsKept(said: Conversation, heard: Conversation): void {
  const texts = (all: Conversation): string[] =>
    all.flatMap((one) =>
      one[0] === 'text'
        ? [String(one[2])]
        : one[0] === 'result'
          ? texts(one.slice(2) as unknown as Conversation)
          : one[0] === 'refusal'
            ? [String(one[1])]
            : [],
    )
  const everything = texts(heard).join('')
  let from = 0
  for (const text of texts(said)) {
    const at = everything.indexOf(text)
    expect(at, `the text ${text} is gone`).toBeGreaterThanOrEqual(0)
    from = Math.max(from, at)
  }
  const kinds = (all: Conversation, kind: string): unknown[] =>
    wordsOf(all)
      .filter((one) => one[0] === kind)
      .map((one) => one.slice(0, kind === 'result' ? 2 : 3))
  for (const kind of ['call', 'result']) expect(kinds(heard, kind)).toEqual(kinds(said, kind))
}

const covers = (lost: readonly Loss[], paths: RegExp | undefined): boolean =>
  paths !== undefined && lost.some(({ path }) => paths.test(path))

/** Fact of an answer → paths that speak of it; facts not named here must always survive. */
const answerPaths: readonly (readonly [fact: RegExp, paths: RegExp])[] = [
  [/^refusal|^text/, /refusal|content|parts|message|output|text/],
  [/^reasoning |^proof/, /reasoning|thinking|content|parts|output|message/],
  [/^images|^audio /, /images|audio|content|parts|output|message/],
  [/^calls /, /arguments/],
  [/^serverCalls/, /content|parts|output|message/],
  [/^citations/, /citation|annotation|grounding/],
  [/^finish|^sequence/, /finish|stop/],
  [/^logprobs/, /logprobs/i],
  [/^(?:cache|reasoning|audio|image)(?:\w*Tokens|Read|Write)|^serverTools/, /usage/],
  [/^serviceTier/, /tier/i],
]

/** Ends that protocols do not tell apart, and clients need not. */
const sameEnds: readonly ReadonlySet<unknown>[] = [
  new Set(['stop', 'stop-sequence']),
  new Set(['content-filter', 'refusal']),
]

export function expectSameAnswer({ asked, lost, read }: Exercised<ChatResponse>): void {
  expectReportedOnce(lost)
  const before = answerOf(asked)
  const after = answerOf(read)
  for (const [name, value] of Object.entries(before)) {
    const index = Number(/ (\d+)$/.exec(name)?.[1] ?? 0)
    if (index > 0 && lost.some(({ path }) => path.includes(`[${index}]`))) continue
    if (answerPaths.some(([fact, paths]) => fact.test(name) && covers(lost, paths))) continue
    if (name.startsWith('finish') && sameEnds.some((ends) => ends.has(value) && ends.has(after[name]))) continue
    // Told in a header where the protocol has no place for it.
    if (name === 'safety' && Array.isArray(after[name]) && after[name].length === 0) continue
    expect({ [name]: after[name] }, `${name} is not as it was, and that is not reported`).toEqual({ [name]: value })
  }
}
