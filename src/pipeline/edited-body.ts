/** The body of a request with some of its top-level members changed: everything else stays as the client wrote it. */
import { Body } from '../kernel/body.ts'
import type { Exchange } from '../kernel/exchange.ts'

/** JSON text by member; undefined leaves one out. */
export type BodyEdits = Readonly<Record<string, string | undefined>>

export function editedBody({ body, surface: { dialect }, address }: Exchange, edits: BodyEdits): Body<unknown> {
  return new Body(body.splice(edits), (json) => dialect.request.decode(json, address))
}
