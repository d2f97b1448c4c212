/** How the protocols for ranking documents differ from each other, which is in names alone: each is one such description. */
import type { FaultCodec } from '../../dialect.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Usage } from '../../../model/usage.ts'

export interface RerankWire {
  readonly id: string
  /** The members of a request, by what they mean; absent where the protocol has none. */
  readonly request: {
    /** Absent where the address of the server says it. */
    readonly model?: string
    /** The question stands in an object, under `text`. */
    readonly queryObject?: boolean
    readonly documents: string
    /** Every document is an object, which has its text under this name. */
    readonly documentText?: string
    /** The member by which a document is known in the answer: a text that the gateway makes of its place. */
    readonly documentId?: string
    /** Whether a document may be an object in place of a text. */
    readonly objects: boolean
    readonly topN?: string
    readonly returnDocuments?: string
    readonly maxTokensPerDocument?: string
    /** Members that the gateway's own requests have. */
    readonly constants?: JsonObject
  }
  readonly response: {
    /** The member that holds the results. */
    readonly results: string
    readonly score: string
    /** Absent where documents never come back. */
    readonly document?: string
    /** A document comes back as its text, rather than as an object that has it. */
    readonly plainDocument: boolean
    readonly id?: string
    readonly model?: string
    /** Members that are always the same. */
    readonly constants?: JsonObject
  }
  /** Members that tell the usage, and what they say. */
  readonly usage: {
    readonly members: readonly string[]
    read(member: (name: string) => unknown): Usage | undefined
    write(usage: Usage): JsonObject
  }
  readonly fault: FaultCodec
}
