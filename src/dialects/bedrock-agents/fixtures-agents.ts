/** Requests, answers, streams and errors of agents, in the shapes of AWS's API reference. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'
import { eventBytes, faultBytes } from './binary-events.ts'
import { Fault } from '../../model/fault.ts'

const address = { model: 'agent/AGENT12345/TSTALIASID' }
export const bytes = (text: string): string => Buffer.from(text).toString('base64')

export const reference: JsonObject = {
  content: { type: 'TEXT', text: 'Returns are free within 30 days.' },
  location: { type: 'S3', s3Location: { uri: 's3://policies/returns.pdf' } },
  metadata: { 'x-amz-bedrock-kb-chunk-id': '1%3A0' },
}
export const citation: JsonObject = {
  generatedResponsePart: { textResponsePart: { text: 'Returns are free.', span: { start: 0, end: 16 } } },
  retrievedReferences: [reference],
}
const cited: JsonObject = { bytes: bytes('Returns are free.'), attribution: { citations: [citation] } }
const stream = (...events: (readonly [type: string, json: JsonObject])[]): Buffer =>
  Buffer.concat(events.map(([type, json]) => eventBytes(type, json)))
const umlaut = Buffer.from('Grüße')

export const agentFixtures: readonly ChatFixture[] = [
  {
    name: 'what is said and nothing else',
    address,
    request: { inputText: 'May I return it?' },
    response: { completion: [{ chunk: { bytes: bytes('Yes.') } }] },
  },
  {
    name: 'a session with everything in it',
    address: { ...address, stream: true },
    request: {
      inputText: 'May I return it?',
      sessionId: 'session-1',
      enableTrace: true,
      endSession: false,
      streamingConfigurations: { streamFinalResponse: true, applyGuardrailInterval: 50 },
      sessionState: { sessionAttributes: { tier: 'gold' }, files: [{ name: 'a.csv', source: { sourceType: 'S3' } }] },
    },
    response: {
      sessionId: 'session-1',
      contentType: 'application/json',
      completion: [
        { trace: { agentId: 'AGENT12345', trace: { orchestrationTrace: {} } } },
        { chunk: cited },
        { chunk: { bytes: bytes(' Always.') } },
      ],
    },
  },
  {
    name: 'nulls',
    address,
    request: { inputText: null, sessionId: null, streamingConfigurations: { streamFinalResponse: false } },
    response: { completion: [], sessionId: null },
  },
  {
    name: 'a stream with sources',
    stream: stream(
      ['trace', { agentId: 'AGENT12345' }],
      ['chunk', cited],
      ['chunk', { bytes: umlaut.subarray(0, 3).toString('base64') }],
      ['chunk', { bytes: umlaut.subarray(3).toString('base64') }],
    ),
    streamFolds: { completion: [{ chunk: cited }, { chunk: { bytes: bytes('Grüße') } }] },
  },
  {
    name: 'a stream with files that the agent made',
    stream: stream(
      ['chunk', { bytes: bytes('Here.') }],
      ['files', { files: [{ name: 'a.png', type: 'image/png', bytes: 'iVBO' }] }],
    ),
  },
  {
    name: 'a stream that an exception ends',
    stream: Buffer.concat([
      stream(['chunk', { bytes: bytes('Yes') }]),
      faultBytes(new Fault('provider_rate_limited', 'Slow down.', { upstream: { type: 'ThrottlingException' } })),
    ]),
  },
  {
    name: 'a stream that breaks off',
    stream: stream(['chunk', { bytes: bytes('Yes') }], ['chunk', cited]).subarray(0, -7),
  },
  { name: 'an agent that is not there', fault: { status: 404, body: { message: 'Failed to retrieve resource.' } } },
]

const model = 'anthropic.claude-3-5-sonnet-20241022-v2:0'
const knowledge = { model: `knowledge-base/KB12345678/${model}` }
const ids: JsonObject = { knowledgeBaseId: 'KB12345678', modelArn: model }

export const knowledgeFixtures: readonly ChatFixture[] = [
  {
    name: 'a query and nothing else',
    address: knowledge,
    request: {
      input: { text: 'May I return it?' },
      retrieveAndGenerateConfiguration: { type: 'KNOWLEDGE_BASE', knowledgeBaseConfiguration: ids },
    },
    response: {
      sessionId: 'b6d8f6a0-0000-4000-8000-000000000000',
      output: { text: 'Returns are free.' },
      citations: [citation, { generatedResponsePart: { textResponsePart: { text: 'x' } }, retrievedReferences: [] }],
      guardrailAction: 'NONE',
    },
  },
  {
    name: 'settings',
    address: { ...knowledge, stream: true },
    request: {
      sessionId: 's-1',
      input: { text: 'May I return it?' },
      retrieveAndGenerateConfiguration: {
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseConfiguration: {
          ...ids,
          retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: 5 } },
          generationConfiguration: {
            inferenceConfig: {
              textInferenceConfig: { temperature: 0.5, topP: 0.9, maxTokens: 512, stopSequences: ['END'] },
            },
            guardrailConfiguration: { guardrailId: 'g', guardrailVersion: '1' },
          },
        },
      },
    },
    response: { output: { text: '' }, guardrailAction: 'INTERVENED' },
  },
  {
    name: 'nulls and blanks',
    address: knowledge,
    request: {
      input: { text: '' },
      retrieveAndGenerateConfiguration: { knowledgeBaseConfiguration: { ...ids, generationConfiguration: null } },
    },
    response: { output: { text: 'x' }, citations: null, sessionId: null, guardrailAction: null },
  },
  {
    name: 'a stream with sources',
    stream: stream(
      ['output', { text: 'Returns ' }],
      ['output', { text: 'are free.' }],
      ['citation', citation],
      ['guardrail', { action: 'NONE' }],
    ),
    streamFolds: { output: { text: 'Returns are free.' }, citations: [citation], guardrailAction: 'NONE' },
  },
  {
    name: 'a stream with sources as they were told before',
    stream: stream(['output', { text: 'Returns are free.' }], ['citation', { citation }]),
    streamFolds: { output: { text: 'Returns are free.' }, citations: [citation] },
  },
  {
    name: 'a stream that a guardrail stops',
    stream: stream(['output', { text: 'No.' }], ['guardrail', { action: 'INTERVENED' }]),
  },
  { name: 'a stream that breaks off', stream: stream(['output', { text: 'Returns are free.' }]).subarray(0, 30) },
  { name: 'too many requests', fault: { status: 429, body: { message: 'Too many requests.' } } },
]
