/**
 * What a provider of each protocol puts on the wire, piece by piece, in the shape that the real service has: answers, streams and
 * errors whose parts tests leave out, double and break.
 */

export type Json = Record<string, unknown>

/** A stream's events by what they do; whatever a protocol has no event of its own for is empty. */
export interface Frames {
  /** What comes before any of the answer. */
  readonly opening: readonly Buffer[]
  /** What the first piece of text needs before it. */
  readonly begin: readonly Buffer[]
  readonly pieces: readonly Buffer[]
  readonly close: readonly Buffer[]
  readonly finish: readonly Buffer[]
  readonly usage: readonly Buffer[]
  readonly end: readonly Buffer[]
}

export interface Call {
  readonly id?: string
  readonly name?: string
}

export interface ToldError {
  readonly body: Json
  readonly headers?: Readonly<Record<string, string>>
}

export interface ProviderWire {
  readonly dialect: string
  /** In the configuration; `{url}` is where it listens. */
  readonly provider: string
  /** Client protocols that it speaks itself, so that it is never asked in `dialect` by them. */
  readonly speaks: readonly string[]
  readonly streamType: string
  answer(text: string, usage?: boolean): Json
  /** A complete answer that calls a tool with `{"city":"Bern"}`. */
  callAnswer?(call: Call): Json
  frames(pieces: readonly string[], usage?: boolean): Frames
  callFrames?(call: Call): Buffer[]
  /** More of a call that has not begun. */
  strayDelta?(): Buffer
  frame(json: unknown): Buffer
  /** The JSON of an event as `frame` takes it; undefined where it has none. */
  read(frame: Buffer): Json | undefined
  /** Keeps a connection alive and says nothing. */
  readonly silence: Buffer
  /** An event of a kind that nobody knows. */
  readonly unknown: Buffer
  readonly notJson: Buffer
  /** An overloaded service, told in a stream. */
  readonly errorFrame: Buffer
  error(status: number, message: string): ToldError
}

export const args = '{"city":"Bern"}'
export const argPieces = [args.slice(0, 8), args.slice(8)] as const
export const data = (json: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(json)}\n\n`)
export const readData = (frame: Buffer): Json | undefined => {
  const json = /^data: (\{.*\})/m.exec(frame.toString())?.[1]
  return json === undefined ? undefined : (JSON.parse(json) as Json)
}
export const text = (value: string): Buffer => Buffer.from(value)
export const none: readonly Buffer[] = []
export const event = (json: Json): Buffer => text(`event: ${json['type'] as string}\ndata: ${JSON.stringify(json)}\n\n`)
export const silence = text(': still here\n\n')
export const notJson = text('data: {"half": \n\n')
