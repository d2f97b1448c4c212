/** The dialect against the conformance kit, on fixtures of its own and on cases of other dialects that are hard to say here. */
import { describeChatDialect, instructionsAnywhere, silentAnswer } from '../../kernel/testing/chat-dialect-kit.ts'
import { faults } from './fixtures/faults.ts'
import { requests } from './fixtures/requests.ts'
import { responses } from './fixtures/responses.ts'
import { streams } from './fixtures/streams.ts'
import { gemini } from './index.ts'

describeChatDialect(gemini, [...requests, ...responses, ...streams, ...faults], instructionsAnywhere, [silentAnswer])
