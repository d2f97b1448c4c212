/** Answers, plain and streamed, that between them have everything that Converse can say. */
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import type { JsonObject } from '../../model/json.ts'

/** A stream's events as the wire has them: `{ messageStart: {…} }` for each. */
export function wire(events: readonly JsonObject[], kind: 'event' | 'exception' = 'event'): Uint8Array {
  return Buffer.concat(
    events.flatMap((event) =>
      Object.entries(event).map(([type, payload]) =>
        writeAwsEvent({
          headers: new Map(
            [
              [`:${kind}-type`, type],
              [':content-type', 'application/json'],
              [':message-type', kind],
            ].map(([name = '', value = '']) => [name, { type: 'string' as const, value }]),
          ),
          payload: Buffer.from(JSON.stringify(payload)),
        }),
      ),
    ),
  )
}

export const delta = (index: number, content: JsonObject): JsonObject => ({
  contentBlockDelta: { contentBlockIndex: index, delta: content, p: 'abcdefgh' },
})
export const begin = (index: number, start: JsonObject): JsonObject => ({
  contentBlockStart: { contentBlockIndex: index, start, p: 'abc' },
})
export const stop = (index: number): JsonObject => ({ contentBlockStop: { contentBlockIndex: index, p: 'a' } })

const usage: JsonObject = {
  inputTokens: 12,
  outputTokens: 40,
  totalTokens: 59,
  cacheReadInputTokens: 4,
  cacheWriteInputTokens: 3,
  cacheDetails: [
    { ttl: '1h', inputTokens: 2 },
    { ttl: '5m', inputTokens: 1 },
  ],
  serverToolUsage: { nova_grounding: 2 },
}

export const start: JsonObject = { messageStart: { role: 'assistant', p: 'abcdef' } }
export const tail = (stopReason: string, more: JsonObject = {}, metadata: JsonObject = {}): JsonObject[] => [
  { messageStop: { stopReason, p: 'ab', ...more } },
  { metadata: { usage, metrics: { latencyMs: 812 }, p: 'abcd', ...metadata } },
]

export const folded = (content: JsonObject[], stopReason: string, more: JsonObject = {}): JsonObject => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage,
  metrics: { latencyMs: 812 },
  ...more,
})

export const guardrail: JsonObject = {
  modelOutput: ['What was said.'],
  actionReason: 'Guardrail blocked.',
  inputAssessment: {
    gr1: {
      topicPolicy: { topics: [{ name: 'Finance', type: 'DENY', action: 'BLOCKED' }] },
      contentPolicy: {
        filters: [
          { type: 'PROMPT_ATTACK', confidence: 'HIGH', action: 'BLOCKED', filterStrength: 'HIGH', detected: true },
          { type: 'HATE', confidence: 'LOW', action: 'NONE' },
        ],
      },
      wordPolicy: {
        customWords: [{ match: 'secret', action: 'BLOCKED' }],
        managedWordLists: [{ match: 'damn', type: 'PROFANITY', action: 'NONE' }],
      },
      invocationMetrics: { guardrailProcessingLatency: 12 },
    },
  },
  outputAssessments: {
    gr1: [
      {
        sensitiveInformationPolicy: {
          piiEntities: [{ match: 'a@b.example', type: 'EMAIL', action: 'ANONYMIZED' }],
          regexes: [{ name: 'Ticket', match: 'T-1', regex: 'T-\\d', action: 'NONE' }],
        },
        contextualGroundingPolicy: { filters: [{ type: 'GROUNDING', threshold: 0.8, score: 0.4, action: 'BLOCKED' }] },
      },
    ],
  },
}

const citation: JsonObject = {
  title: 'Report',
  sourceContent: [{ text: 'Rivers are long.' }],
  location: { documentChar: { documentIndex: 0, start: 0, end: 16 } },
}

export const responses: readonly { readonly name: string; readonly response: JsonObject }[] = [
  { name: 'a short answer', response: folded([{ text: 'Hello' }], 'end_turn') },
  {
    name: 'an answer with everything',
    response: folded(
      [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'cmVk' } },
        { text: 'Rivers.' },
        { citationsContent: { content: [{ text: 'Long ones.' }], citations: [citation] } },
        { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', input: { q: 'Elbe' }, type: 'server_tool_use' } },
        { toolResult: { toolUseId: 'srv_1', type: 'nova_grounding_result', content: [{ text: 'x' }] } },
        { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
        { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' }, error: { message: 'too dark' } } },
        { audio: { format: 'wav', source: { bytes: 'UklGRg==' } } },
        { toolUse: { toolUseId: 'tooluse_1', name: 'f', input: { a: { b: [1, 2.5, null, true] } } } },
        { toolUse: { toolUseId: 'tooluse_2', name: 'g', input: {}, type: 'tool_use' } },
      ],
      'tool_use',
      {
        additionalModelResponseFields: { stop_sequence: null, usage: { service_tier: 'standard' } },
        performanceConfig: { latency: 'standard' },
        serviceTier: { type: 'flex' },
        trace: { guardrail, promptRouter: { invokedModelId: 'arn:aws:bedrock:::model' } },
      },
    ),
  },
  {
    name: 'a guardrail that only looked at the answer',
    response: folded([{ text: 'No.' }], 'guardrail_intervened', {
      trace: { guardrail: { outputAssessments: { gr1: [{}] }, modelOutput: [] } },
    }),
  },
  {
    name: 'a trace without an assessment',
    response: folded([], 'content_filtered', { trace: { guardrail: { actionReason: 'none' } } }),
  },
  { name: 'an empty trace', response: folded([], 'max_tokens', { trace: {} }) },
  {
    name: 'a stop sequence that was met',
    response: folded([{ text: 'a' }], 'stop_sequence', { additionalModelResponseFields: { stop_sequence: 'END' } }),
  },
  {
    name: 'a stop reason that is not known, and counts that are none',
    response: { ...folded([{ text: 'a' }], 'tired'), usage: { inputTokens: null, outputTokens: 'many' } },
  },
  {
    name: 'as little as can be',
    response: { output: { message: { content: [] } } },
  },
  {
    name: 'nulls where nothing is said',
    response: {
      output: { message: { role: null, content: [] } },
      stopReason: null,
      usage: null,
      metrics: null,
      trace: null,
      serviceTier: null,
      additionalModelResponseFields: null,
    },
  },
]

export const streams: readonly {
  readonly name: string
  readonly stream: Uint8Array
  readonly streamFolds?: JsonObject
}[] = [
  {
    name: 'a streamed text',
    stream: wire([start, delta(0, { text: 'Hel' }), delta(0, { text: 'lo ✓' }), stop(0), ...tail('end_turn')]),
    streamFolds: folded([{ text: 'Hello ✓' }], 'end_turn'),
  },
  {
    name: 'a stream of reasoning, text and citations',
    stream: wire([
      start,
      delta(0, { reasoningContent: { text: 'H' } }),
      delta(0, { reasoningContent: { text: 'm.' } }),
      delta(0, { reasoningContent: { signature: 'c2ln' } }),
      stop(0),
      delta(1, { reasoningContent: { redactedContent: 'cmVk' } }),
      stop(1),
      begin(2, {}),
      delta(2, { text: 'Rivers.' }),
      stop(2),
      delta(3, { citation }),
      delta(3, { text: 'Long ' }),
      delta(3, { text: 'ones.' }),
      stop(3),
      ...tail('end_turn', { additionalModelResponseFields: { usage: { a: 1 } } }),
    ]),
    streamFolds: folded(
      [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'cmVk' } },
        { text: 'Rivers.' },
        { citationsContent: { content: [{ text: 'Long ones.' }], citations: [citation] } },
      ],
      'end_turn',
      { additionalModelResponseFields: { usage: { a: 1 } } },
    ),
  },
  {
    name: 'a stream of calls, results and images',
    stream: wire([
      start,
      begin(0, { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', type: 'server_tool_use' } }),
      delta(0, { toolUse: { input: '{"q":"Elbe"}' } }),
      stop(0),
      begin(1, { toolResult: { toolUseId: 'srv_1', type: 'nova_grounding_result', status: 'success' } }),
      delta(1, { toolResult: [{ text: 'x' }] }),
      delta(1, { toolResult: [{ json: { a: 1 } }] }),
      stop(1),
      begin(2, { image: { format: 'png' } }),
      delta(2, { image: { source: { bytes: 'iVBO' } } }),
      delta(2, { image: { source: { bytes: 'Rw0KGgo=' } } }),
      stop(2),
      begin(3, { toolUse: { toolUseId: 'tooluse_1', name: 'f' } }),
      delta(3, { toolUse: { input: '' } }),
      delta(3, { toolUse: { input: '{"a":' } }),
      delta(3, { toolUse: { input: '[1,2.5,null]}' } }),
      stop(3),
      begin(4, { toolUse: { toolUseId: 'tooluse_2', name: 'g' } }),
      delta(4, { toolUse: { input: '' } }),
      stop(4),
      ...tail('tool_use'),
    ]),
    streamFolds: folded(
      [
        { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', input: { q: 'Elbe' }, type: 'server_tool_use' } },
        {
          toolResult: {
            toolUseId: 'srv_1',
            type: 'nova_grounding_result',
            status: 'success',
            content: [{ text: 'x' }, { json: { a: 1 } }],
          },
        },
        { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
        { toolUse: { toolUseId: 'tooluse_1', name: 'f', input: { a: [1, 2.5, null] } } },
        { toolUse: { toolUseId: 'tooluse_2', name: 'g', input: {} } },
      ],
      'tool_use',
    ),
  },
  {
    name: 'a stream whose end tells everything',
    stream: wire([
      start,
      ...tail(
        'guardrail_intervened',
        {},
        {
          serviceTier: { type: 'flex' },
          performanceConfig: { latency: 'standard' },
          trace: { guardrail, promptRouter: { invokedModelId: 'arn' } },
        },
      ),
    ]),
    streamFolds: {
      ...folded([], 'guardrail_intervened'),
      performanceConfig: { latency: 'standard' },
      serviceTier: { type: 'flex' },
      trace: { guardrail, promptRouter: { invokedModelId: 'arn' } },
    },
  },
  {
    name: 'blocks whose deltas come in turns, and an answer that ends in the middle of one',
    stream: wire([
      start,
      begin(0, { toolUse: { toolUseId: 't0', name: 'f' } }),
      begin(1, { toolUse: { toolUseId: 't1', name: 'g' } }),
      delta(1, { toolUse: { input: '{"b":' } }),
      delta(0, { toolUse: { input: '{"a":1}' } }),
      delta(1, { toolUse: { input: '2}' } }),
      stop(0),
      delta(2, { text: 'And' }),
      ...tail('max_tokens'),
    ]),
    streamFolds: folded(
      [
        { toolUse: { toolUseId: 't0', name: 'f', input: { a: 1 } } },
        { toolUse: { toolUseId: 't1', name: 'g', input: { b: 2 } } },
        { text: 'And' },
      ],
      'max_tokens',
    ),
  },
  {
    name: 'a stop sequence, told in the delta, and usage that comes first',
    stream: wire([
      start,
      delta(0, { text: 'a' }),
      stop(0),
      ...tail('stop_sequence', { additionalModelResponseFields: { delta: { stop_sequence: 'END' } } }).toReversed(),
    ]),
    streamFolds: folded([{ text: 'a' }], 'stop_sequence', {
      additionalModelResponseFields: { delta: { stop_sequence: 'END' } },
    }),
  },
  {
    name: 'events and blocks that are not known',
    stream: wire([
      start,
      { weather: { now: 'fine' } },
      begin(0, { hologram: { depth: 3 } }),
      delta(0, { hologram: 'x' }),
      stop(0),
      delta(1, { text: 'a' }),
      ...tail('end_turn'),
    ]),
  },
  {
    name: 'an exception in the middle of a text',
    stream: Buffer.concat([
      wire([start, delta(0, { text: 'Hel' })]),
      wire([{ throttlingException: { message: 'Too many tokens.' } }], 'exception'),
    ]),
  },
  { name: 'a stream that breaks off', stream: wire([start, delta(0, { text: 'Hel' })]) },
]
