/** Both dialects against the conformance kit, on fixtures of their own. */
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import { chatFixtures } from './fixtures-chat.ts'
import { generateFixtures } from './fixtures-generate.ts'
import { ollamaChat, ollamaGenerate } from './index.ts'

describeChatDialect(ollamaChat, chatFixtures)
describeChatDialect(ollamaGenerate, generateFixtures, [], [], { tools: true })
