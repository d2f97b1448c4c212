/** The dialect against the conformance kit, on fixtures of its own. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import { faults } from './fixtures/faults.ts'
import { requests } from './fixtures/requests.ts'
import { responses } from './fixtures/responses.ts'
import { streams } from './fixtures/streams.ts'
import { openaiResponses } from './index.ts'

describeChatDialect(openaiResponses, [...requests, ...responses, ...streams, ...faults])
