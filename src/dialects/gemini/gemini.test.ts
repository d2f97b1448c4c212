/** The dialect against the conformance kit, on fixtures of its own and on cases of other dialects that are hard to say here. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { faults } from './fixtures/faults.ts'
import { requests } from './fixtures/requests.ts'
import { responses } from './fixtures/responses.ts'
import { streams } from './fixtures/streams.ts'
import { gemini } from './index.ts'

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

describeChatDialect(gemini, [...requests, ...responses, ...streams, ...faults], foreignRequests, foreignResponses)
