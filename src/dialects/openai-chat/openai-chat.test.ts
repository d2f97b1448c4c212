/** The dialect against the conformance kit, on fixtures of its own. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import { fixtures } from './fixtures.ts'
import { openaiChat } from './index.ts'

describeChatDialect(openaiChat, fixtures)
