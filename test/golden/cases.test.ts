/** The cases themselves: their names, areas and members are right, so that a slip of the pen in one is not taken for a codec's silence. */
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../src/model/chat-event.ts'
import type {
  ChatRequest,
  ChatResponse,
  Choice,
  Message,
  OutputFormat,
  TokenLogprob,
  Tool,
  ToolChoice,
} from '../../src/model/chat.ts'
import type { Finish } from '../../src/model/finish.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { MediaSource } from '../../src/model/media.ts'
import type { CacheMark, Citation, Part } from '../../src/model/part.ts'
import type { SafetyRating, SafetyVerdict } from '../../src/model/safety.ts'
import type { InputUsage, OutputUsage, Usage } from '../../src/model/usage.ts'
import { readCases } from './golden-case.ts'

type KeysOf<T> = T extends unknown ? keyof T : never

/** Chat is billed by tokens alone. */
type Members = Exclude<
  KeysOf<
    | ChatRequest
    | ChatResponse
    | Choice
    | Message
    | OutputFormat
    | TokenLogprob
    | Tool
    | ToolChoice
    | Finish
    | MediaSource
    | CacheMark
    | Citation
    | Part
    | SafetyRating
    | SafetyVerdict
    | Usage
    | InputUsage
    | OutputUsage
    | ChatEvent
    | NonNullable<ChatRequest['reasoning']>
    | NonNullable<ChatRequest['logprobs']>
  >,
  'units' | 'unitKinds'
>

/** Complete, because the compiler asks for every one of them. */
const members: Readonly<Record<Members, true>> = {
  apart: true,
  arguments: true,
  audio: true,
  blocked: true,
  budget: true,
  bytes: true,
  cache: true,
  cacheRead: true,
  cacheWrite: true,
  cacheWrite1h: true,
  callId: true,
  category: true,
  choice: true,
  choices: true,
  citable: true,
  citation: true,
  citations: true,
  content: true,
  context: true,
  created: true,
  data: true,
  description: true,
  detail: true,
  details: true,
  display: true,
  effort: true,
  enabled: true,
  encrypted: true,
  end: true,
  endUser: true,
  estimated: true,
  event: true,
  expiresAt: true,
  extra: true,
  fault: true,
  filename: true,
  finish: true,
  form: true,
  format: true,
  frequencyPenalty: true,
  id: true,
  image: true,
  index: true,
  input: true,
  isError: true,
  kind: true,
  level: true,
  logprob: true,
  logprobs: true,
  maxOutputTokens: true,
  mediaType: true,
  messages: true,
  metadata: true,
  modalities: true,
  mode: true,
  model: true,
  n: true,
  name: true,
  names: true,
  of: true,
  origin: true,
  output: true,
  parallelToolCalls: true,
  parameters: true,
  part: true,
  parts: true,
  place: true,
  presencePenalty: true,
  quote: true,
  ratings: true,
  raw: true,
  reason: true,
  reasoning: true,
  refusal: true,
  required: true,
  role: true,
  safety: true,
  schema: true,
  score: true,
  seed: true,
  sequence: true,
  serverTools: true,
  serviceTier: true,
  signature: true,
  source: true,
  start: true,
  stop: true,
  stream: true,
  streamUsage: true,
  strict: true,
  summary: true,
  temperature: true,
  text: true,
  title: true,
  token: true,
  toolChoice: true,
  tools: true,
  top: true,
  topK: true,
  topP: true,
  total: true,
  transcript: true,
  ttl: true,
  type: true,
  url: true,
  usage: true,
  value: true,
  verbosity: true,
  verdict: true,
}

/** What is in these is the client's own, or a dialect's. */
const free: ReadonlySet<string> = new Set(['parameters', 'schema', 'metadata', 'raw', 'serverTools', '$by'])
const notations: ReadonlySet<string> = new Set(['$repeat', 'times', '$join', '$by'])

function unknownMembers(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => unknownMembers(element, `${path}[${index}]`))
  if (!isJsonObject(value)) return []
  const ownWords =
    value['type'] === 'server' ||
    value['type'] === 'server-tool-result' ||
    value['type'] === 'custom' ||
    value['type'] === 'opaque'
  return Object.entries(value).flatMap(([key, member]) => {
    const at = `${path}.${key}`
    const known = Object.hasOwn(members, key) || notations.has(key)
    if (!known) return [at]
    return free.has(key) || (ownWords && (key === 'value' || key === 'format')) ? [] : unknownMembers(member, at)
  })
}

const cases = readCases()

describe('golden cases', () => {
  it('are enough to stand for a protocol', () => {
    expect(cases.length).toBeGreaterThanOrEqual(48)
  })

  it('have a feature of their own, and a place of their own in their area', () => {
    const features = cases.map(({ feature }) => feature)
    expect(features.filter((feature, index) => features.indexOf(feature) !== index)).toEqual([])
    const places = cases.map(({ area, order }) => `${area} ${order}`)
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([])
  })

  it.each(cases)('know no member that the model does not: $name', (golden) => {
    expect(golden.about).toMatch(/^[A-Z].*\.$/)
    const directions = [golden.request('none'), golden.answer('none'), golden.events('none')]
    expect(unknownMembers(directions)).toEqual([])
    expect(directions.some((direction) => direction !== undefined) || golden.faults !== undefined).toBe(true)
  })
})
