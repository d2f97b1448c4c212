/**
 * What every client library is asked to do, and what it is to show of it: the same few things in each one's own words, so that one
 * table of cases runs over all of them.
 */

export interface ShownCall {
  readonly name: string
  readonly arguments: unknown
}

export interface ShownAnswer {
  readonly text: string
  readonly calls: readonly ShownCall[]
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
}

export interface AskedTool {
  readonly name: string
  readonly description: string
  readonly schema: Record<string, unknown>
}

export interface Ask {
  readonly model: string
  readonly system?: string
  readonly prompt: string
  readonly tools?: readonly AskedTool[]
  /** An earlier call of a tool by the model and what it gave, between the prompt and the answer. */
  readonly called?: {
    readonly id: string
    readonly name: string
    readonly arguments: Record<string, unknown>
    readonly result: string
  }
  /** Base64 of a PNG beside the prompt. */
  readonly image?: string
}

export interface Client {
  readonly name: string
  /** Id of the dialect that it speaks. */
  readonly dialect: string
  /** What its protocol or library has no place for. */
  readonly lacks?: readonly ('tools' | 'image')[]
  ask(asked: Ask): Promise<ShownAnswer>
  stream(asked: Ask): Promise<ShownAnswer>
}

export interface Gate {
  readonly url: string
  readonly key: string
}
