/** The laws of chat dialects, on documents that between them have everything that Cohere's v2 chat can say. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { responses, streams } from './fixtures-answers.ts'
import { requests } from './fixtures-requests.ts'
import { cohereChat } from './index.ts'

const fault = (status: number, message: string, id?: string): ChatFixture => ({
  name: `an error of status ${status}`,
  fault: { status, body: { ...(id !== undefined && { id }), message } },
})

const faults: ChatFixture[] = [
  fault(400, 'invalid request: message must be at least 1 token long or tool results must be specified.', 'e-1'),
  fault(401, 'invalid api token'),
  fault(402, 'Please add or update your payment method to continue', 'e-2'),
  fault(404, "model 'command-x' not found, make sure the correct model ID was used", 'e-3'),
  fault(422, 'invalid type: parameter p is of type string but should be of type number', 'e-4'),
  fault(429, 'You are using a Trial key, which is limited to 20 API calls / minute.', 'e-5'),
  fault(498, 'blocked output: please adjust your prompt and try again'),
  fault(500, 'internal server error, this has been reported to our developers.', 'e-6'),
  fault(503, 'The service is unavailable.'),
  fault(504, 'The request timed out.'),
]

const foreignRequests: ChatRequest[] = [
  {
    model: 'm',
    stream: false,
    messages: [{ role: 'developer', parts: [{ type: 'text', text: 'Only instructions.' }] }],
  },
]
const foreignResponses: ChatResponse[] = [
  { id: '', model: 'm', choices: [{ index: 0, parts: [], finish: { reason: 'stop' } }] },
]

describeChatDialect(cohereChat, [...requests, ...responses, ...streams, ...faults], foreignRequests, foreignResponses, {
  answerModel: true,
})
