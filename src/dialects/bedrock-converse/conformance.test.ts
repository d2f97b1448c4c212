/** The laws of chat dialects, on documents that between them have everything that Converse can say. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { responses, streams } from './fixtures-answers.ts'
import { requests } from './fixtures-requests.ts'
import { bedrockConverse } from './index.ts'

const fault = (status: number, type: string, message: string): ChatFixture => ({
  name: `the error ${type}`,
  fault: {
    status,
    body: { message },
    headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/`, 'x-amzn-requestid': 'req-1' },
  },
})

const faults: ChatFixture[] = [
  fault(400, 'ValidationException', 'The text field in the ContentBlock object at messages.0.content.0 is blank.'),
  fault(400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'),
  fault(403, 'AccessDeniedException', "You don't have access to the model with the specified model ID."),
  fault(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  fault(404, 'ResourceNotFoundException', 'This model version has reached the end of its life.'),
  fault(408, 'ModelTimeoutException', 'The request took too long to process.'),
  fault(424, 'ModelErrorException', 'The request failed due to an error while processing the model.'),
  fault(429, 'ThrottlingException', 'Too many requests, please wait before trying again.'),
  fault(429, 'ModelNotReadyException', 'The model specified in the request is not ready.'),
  fault(500, 'InternalServerException', 'An internal server error occurred.'),
  fault(503, 'ServiceUnavailableException', "The service isn't currently available."),
]

const foreignRequests: ChatRequest[] = [
  { model: 'm', stream: false, messages: [{ role: 'system', parts: [{ type: 'text', text: 'Only instructions.' }] }] },
  { model: 'm', stream: false, messages: [{ role: 'assistant', parts: [{ type: 'text', text: 'I begin.' }] }] },
]
const foreignResponses: ChatResponse[] = [
  { id: '', model: 'm', choices: [{ index: 0, parts: [], finish: { reason: 'stop' } }] },
]

describeChatDialect(
  bedrockConverse,
  [...requests, ...responses, ...streams, ...faults],
  foreignRequests,
  foreignResponses,
  { answerModel: true },
)
