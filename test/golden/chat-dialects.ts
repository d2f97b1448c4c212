/** Every chat dialect there is, by id: a new one appears in the golden matrix by itself. */
import { dialects } from '../../src/builtins.gen.ts'
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import { onlyChat } from './exercise.ts'

export const chatDialects: readonly ChatDialect[] = onlyChat(dialects)
