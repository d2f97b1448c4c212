/**
 * The law of the golden matrix: what was encoded says the same when it is decoded, and whatever it does not say any more was reported.
 * A report counts for a difference when its path speaks of the same thing, so that no reported loss hides another.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import type { Loss } from '../../src/model/loss.ts'
import type { Exercised } from './exercise.ts'
import { answerOf, conversationOf, settingsOf } from './meaning.ts'
import type { Conversation } from './meaning.ts'

/** Setting → paths that speak of it, in whatever spelling. What is set about tools is gone with the tools. */
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
  tools: /^tools|tool_?choice/i,
  toolChoice: /^tools|tool_?(?:choice|config)/i,
  parallelToolCalls: /^tools|parallel/i,
  format: /format|schema/i,
  reasoning: /reasoning|thinking|^think$|effort/i,
  verbosity: /verbosity/,
  endUser: /user/i,
  metadata: /metadata|labels/i,
  serviceTier: /tier/i,
  modalities: /modalities/i,
  names: /name$|^messages$/,
  cache: /cache|^tools/i,
  detail: /detail/i,
  errors: /is_error|status|^messages$/i,
  citable: /citations|citable/,
  context: /context/,
}

/** A whole part of the conversation, or all of it. */
const conversationPath =
  /^(?:messages|system|input|instructions|contents|prompt|documents)(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*$/

/** What a protocol may add that nobody asked: limits it demands, and defaults said aloud. */
const added: ReadonlySet<string> = new Set(['maxOutputTokens', 'toolChoice', 'modalities'])

/** Where one text holds the whole conversation, stop sequences keep the model from writing the user's next turn. */
const transcript = ({ path }: Loss): boolean => path === 'messages'

/** What holds anyway need not be said: that a model may call tools, and that one does not think which never does unless it is told to. */
const saidByDefault = (name: string, value: unknown, model: string): boolean =>
  (name === 'toolChoice' && value === 'auto') ||
  (name === 'reasoning' && value === 'off' && /claude|instruct|dolphin|^agent\//.test(model))

/** What is the same to the last member is so at once: there are hundreds of thousands of them, and few need a matcher's words. */
export function expectAlike(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, `not the same: ${what}`).toEqual(expected)
}

const expectKept = (name: string, after: unknown, before: unknown): void =>
  expectAlike({ [name]: after }, { [name]: before }, `${name}, and that is not reported`)

export function expectSameRequest({ asked, json, lost, read }: Exercised<ChatRequest>): void {
  expectReportedOnce(lost)
  expect(read.stream).toBe(asked.stream)
  const told = lost.some(transcript)
  const [before, after] = [settingsOf(asked), settingsOf(read)]
  const [said, heard] = [conversationOf(asked), conversationOf(read)]
  for (const [name, value] of Object.entries(before)) {
    const covered =
      covers(lost, settingPaths[name]) ||
      (told && name === 'stop') ||
      (name === 'citable' && isEmpty(value)) ||
      (name === 'detail' && heard.media.length === 0) ||
      (name === 'context' && said.contexts.every((text) => JSON.stringify(json).includes(text)))
    if (covered || saidByDefault(name, value, read.model) || (value === undefined && added.has(name))) continue
    expectKept(name, after[name], value)
  }
  if (covers(lost, conversationPath)) expectWordsKept(said, heard, lost)
  else expect(heard).toEqual({ ...said, texts: heard.texts, contexts: heard.contexts })
}

/** All that was said is still there, though perhaps elsewhere, in another's mouth or among other words. */
function expectWordsKept(said: Conversation, heard: Conversation, lost: readonly Loss[]): void {
  const everything = heard.texts.join('')
  for (const text of said.texts) expect(everything).toContain(text)
  const gone = lost.filter(({ path }) => conversationPath.test(path)).length
  expect(said.media.filter((one) => !heard.media.includes(one)).length).toBeLessThanOrEqual(gone)
  if (lost.some(transcript)) {
    for (const [, , name] of said.calls) expect(everything).toContain(name)
    return
  }
  const unchanged = (calls: Conversation['calls']): unknown[] => calls.map((call) => call.slice(0, 3))
  expect(unchanged(heard.calls)).toEqual(unchanged(said.calls))
  expect(heard.results).toEqual(said.results)
}

function expectReportedOnce(lost: readonly Loss[]): void {
  if (lost.length === 0) return
  const said = lost.map(({ path, reason }) => `${path}: ${reason}`)
  expect(said.filter((loss, index) => said.indexOf(loss) !== index)).toEqual([])
  for (const { reason } of lost) expect(reason).not.toBe('')
}

const covers = (lost: readonly Loss[], paths: RegExp | undefined): boolean =>
  paths !== undefined && lost.some(({ path }) => paths.test(path))

/** Fact of an answer → paths that speak of it; facts not named here must always survive. */
const answerPaths: readonly (readonly [fact: RegExp, paths: RegExp])[] = [
  [
    /^(?:refusal|text|transcript|reasoning|proof|media|serverCalls) /,
    /refusal|reasoning|thinking|images|audio|content|parts|output|message/,
  ],
  [/^calls /, /arguments/],
  [/^citations/, /citation|annotation|grounding/],
  [/^finish|^sequence/, /finish|stop|done_reason|status/i],
  [/^logprobs/, /logprobs/i],
  [/^(?:input|output)$/, /^usage$/],
  [/^(?:cacheRead|cacheWrite|reasoningTokens|audioTokens|imageTokens|serverTools)/, /usage/i],
  [/^serviceTier/, /tier/i],
]

/** Ends that protocols do not tell apart, and clients need not. */
const sameEnds: readonly ReadonlySet<unknown>[] = [
  new Set(['stop', 'stop-sequence']),
  new Set(['content-filter', 'refusal']),
]

/** A refusal in a part of its own tells why the answer ended, whatever the word. */
const isRefused = (answer: Record<string, unknown>, index: number): boolean => answer[`refusal ${index}`] !== ''

/** Whether every proof is still there; a protocol may have made up one where there was none. */
const areKept = (before: unknown, after: unknown): boolean =>
  Array.isArray(before) && Array.isArray(after) && before.every((proof) => after.includes(proof))

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const isWithheld = (answer: Record<string, unknown>): boolean => sameEnds[1]?.has(answer['finish 0']) === true

/** `tools`: whether the dialect has any; a call that none can hold must be reported. */
export function expectSameAnswer({ asked, lost, read }: Exercised<ChatResponse>, tools = true): void {
  expectReportedOnce(lost)
  const [before, after] = [answerOf(asked), answerOf(read)]
  for (const [name, value] of Object.entries(before)) {
    const index = Number(/ (\d+)$/.exec(name)?.[1] ?? 0)
    if (index > 0 && lost.some(({ path }) => path.includes(`[${index}]`))) continue
    if (answerPaths.some(([fact, paths]) => fact.test(name) && covers(lost, paths))) continue
    if (!tools && (name.startsWith('call') || value === 'tool-calls') && covers(lost, /content/)) continue
    if (name.startsWith('finish') && sameEnds.some((ends) => ends.has(value) && ends.has(after[name]))) continue
    if (name.startsWith('finish') && isRefused(before, index)) continue
    if (name.startsWith('proof') && areKept(value, after[name])) continue
    // Told in a header where the protocol has no place for it; and made up where it can only tell why an answer ended by a verdict.
    if (name === 'safety' && (isEmpty(after[name]) || (isEmpty(value) && isWithheld(before)))) continue
    expectKept(name, after[name], value)
  }
}
