/** Bedrock's Converse, whose events are binary. */
import { writeAwsEvent } from '../../../src/bytes/aws-event-message.ts'
import { AwsEventReader } from '../../../src/bytes/aws-event-reader.ts'
import { argPieces, none } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

export function binary(type: string, payload: string, kind: 'event' | 'exception' = 'event'): Buffer {
  const headers = [
    [`:${kind}-type`, type],
    [':content-type', 'application/json'],
    [':message-type', kind],
  ].map(([name = '', value = '']) => [name, { type: 'string' as const, value }] as const)
  return Buffer.from(writeAwsEvent({ headers: new Map(headers), payload: Buffer.from(payload) }))
}
const converse = (json: Json): Buffer =>
  Buffer.concat(Object.entries(json).map(([type, payload]) => binary(type, JSON.stringify(payload))))
const tokens = { inputTokens: 9, outputTokens: 5, totalTokens: 14 }
const conversed = (content: readonly Json[], stopReason: string, usage = true): Json => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  ...(usage && { usage: tokens }),
  metrics: { latencyMs: 8 },
})
const toolUseOf = ({ id, name }: Call): Json => ({
  ...(id !== undefined && { toolUseId: id }),
  ...(name !== undefined && { name }),
})
const converseStart = converse({ messageStart: { role: 'assistant', p: 'ab' } })
const metadata = converse({ metadata: { usage: tokens, metrics: { latencyMs: 8 }, p: 'abc' } })
const exceptions: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
}

export const bedrock: ProviderWire = {
  dialect: 'bedrock-converse',
  provider: 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key-test',
  speaks: [],
  streamType: 'application/vnd.amazon.eventstream',
  answer: (value, usage = true) => conversed([{ text: value }], 'end_turn', usage),
  callAnswer: (call) => conversed([{ toolUse: { ...toolUseOf(call), input: { city: 'Bern' } } }], 'tool_use'),
  frames: (pieces, usage = true) => ({
    opening: [converseStart],
    begin: none,
    pieces: pieces.map((value) => converse({ contentBlockDelta: { contentBlockIndex: 0, delta: { text: value } } })),
    close: [converse({ contentBlockStop: { contentBlockIndex: 0 } })],
    finish: [converse({ messageStop: { stopReason: 'end_turn' } })],
    usage: usage ? [metadata] : none,
    end: none,
  }),
  callFrames: (call) => [
    converseStart,
    converse({ contentBlockStart: { contentBlockIndex: 0, start: { toolUse: toolUseOf(call) } } }),
    ...argPieces.map((input) =>
      converse({ contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input } } } }),
    ),
    converse({ contentBlockStop: { contentBlockIndex: 0 } }),
    converse({ messageStop: { stopReason: 'tool_use' } }),
    metadata,
  ],
  strayDelta: () => converse({ contentBlockDelta: { contentBlockIndex: 7, delta: { toolUse: { input: '{}' } } } }),
  frame: (json) => converse(json as Json),
  read(frame) {
    const [message] = new AwsEventReader().push(frame)
    const type = message?.headers.get(':event-type')?.value
    return { [String(type)]: JSON.parse(Buffer.from(message?.payload ?? []).toString()) as unknown }
  },
  silence: Buffer.alloc(0),
  unknown: converse({ weatherUpdate: { forecast: 'fine' } }),
  notJson: binary('contentBlockDelta', '{"half": '),
  errorFrame: binary('serviceUnavailableException', '{"message":"The service is overloaded."}', 'exception'),
  error: (status, words) => ({
    body: { message: words },
    ...(status in exceptions && { headers: { 'x-amzn-errortype': exceptions[status] ?? '' } }),
  }),
}
