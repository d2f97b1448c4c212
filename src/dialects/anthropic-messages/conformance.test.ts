/** The laws of chat dialects, on documents that between them have everything the Messages API can say. */
import { describeChatDialect, instructionsAnywhere, silentAnswer } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
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

describeChatDialect(anthropicMessages, [...requests, ...responses, ...streams, ...faults], instructionsAnywhere, [
  silentAnswer,
])
