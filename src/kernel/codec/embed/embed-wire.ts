/** How the protocols for vectors that are made after OpenAI's differ from each other: each is one such description. */
import type { EmbeddingRequest, EmbeddingTask } from '../../../model/embedding.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Usage } from '../../../model/usage.ts'
import type { FaultCodec } from '../../dialect.ts'
import type { TaskSpelling } from '../../spelling.ts'

export interface EmbedWire {
  readonly id: string
  /** Client headers that go along to a provider of the same protocol. */
  readonly requestHeaders: readonly string[]
  /** The members of a request, by what they mean; absent where the protocol has none. */
  readonly request: {
    readonly dimensions: string
    readonly user?: string
    /** Whether tokens may stand in place of a text. */
    readonly tokens: boolean
    /** What `encoding_format` can say. */
    readonly encodings: readonly NonNullable<EmbeddingRequest['encoding']>[]
    /** What vectors are for: the words that are written, and all that are read. */
    readonly task: TaskSpelling & { readonly tasks: Readonly<Record<string, EmbeddingTask>> }
  }
  /** What the member `usage` says. */
  readonly usage: {
    read(json: unknown): Usage | undefined
    write(usage: Usage): JsonObject
  }
  readonly fault: FaultCodec
}
