/** The laws of chat dialects, on documents that between them have everything the Messages API can say. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { responses, streams } from './fixtures-answers.ts'
import { requests } from './fixtures-requests.ts'
import { anthropicMessages } from './index.ts'

const fault = (status: number, type: string, message: string, more: JsonObject = {}): ChatFixture => ({
  name: `the error ${type} ${JSON.stringify(more)}`,
  fault: {
    status,
    body: { type: 'error', error: { type, message, ...more }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
  },
})

const faults: ChatFixture[] = [
  fault(400, 'invalid_request_error', 'messages.0.content: Field required'),
  fault(400, 'invalid_request_error', 'Compaction failed.', { details: { error_code: 'compaction_incomplete_turn' } }),
  fault(401, 'authentication_error', 'invalid x-api-key'),
  fault(402, 'billing_error', 'Your credit is used up.'),
  fault(403, 'permission_error', 'Not for this key.'),
  fault(404, 'not_found_error', 'model: claude-0'),
  fault(413, 'request_too_large', 'Request exceeds the maximum size'),
  fault(429, 'rate_limit_error', 'Too many tokens.', { details: { error_code: 'ramp_limit_exceeded' } }),
  fault(500, 'api_error', 'Internal server error'),
  fault(504, 'timeout_error', 'Took too long.'),
  fault(529, 'overloaded_error', 'Overloaded'),
]

const foreignRequests: ChatRequest[] = [
  { model: 'm', stream: false, messages: [{ role: 'system', parts: [{ type: 'text', text: 'Only instructions.' }] }] },
  {
    model: 'm',
    stream: true,
    messages: [
      { role: 'developer', parts: [{ type: 'text', text: 'First' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Second' }] },
      { role: 'user', name: 'Ada', parts: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_a', name: 'f', arguments: '{"a":[1]}' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Late' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'call_a', content: [{ type: 'text', text: 'r' }] }] },
      { role: 'user', parts: [{ type: 'text', text: 'and?' }] },
    ],
  },
]
const foreignResponses: ChatResponse[] = [
  { id: '', model: 'm', choices: [{ index: 0, parts: [], finish: { reason: 'stop' } }] },
]

describeChatDialect(
  anthropicMessages,
  [...requests, ...responses, ...streams, ...faults],
  foreignRequests,
  foreignResponses,
)
