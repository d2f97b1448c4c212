/** The response object around its output: of a plain answer, and of the first and last events of a stream. */
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Node } from '../../model/node.ts'
import type { Usage } from '../../model/usage.ts'
import { isOwn } from './dialect-id.ts'
import { echoMembers, echoOf } from './echo.ts'
import type { Status } from './finish.ts'
import { idBase } from './ids.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { encodeUsage } from './usage.ts'

export type Frame = Pick<ChatResponse, 'id' | 'model' | 'created' | 'serviceTier'> & Node

/** Reads all but the output and how it ended, and leaves the reader to whoever reads those. */
export function readFrame(json: JsonObject): {
  readonly frame: Omit<Frame, keyof Node>
  readonly reader: MemberReader
} {
  const reader = new MemberReader(json, '')
  const id = reader.string('id') ?? ''
  const model = reader.string('model') ?? ''
  const created = reader.number('created_at')
  const serviceTier = reader.string('service_tier')
  for (const key of ['id', 'model', 'created_at', 'status']) if (!reader.has(key)) reader.noteAbsent(key)
  const echo: JsonObject = {}
  for (const key of echoMembers) {
    const value = reader.take(key)
    if (value !== undefined) echo[key] = value
  }
  reader.note('echo', echo)
  return {
    frame: {
      id,
      model,
      ...(created !== undefined && { created }),
      ...(serviceTier !== undefined && { serviceTier }),
    },
    reader,
  }
}

export interface FrameContext {
  readonly model: string
  readonly request?: ChatRequest
  readonly answerId?: string
}

/** The id of the response, and what the ids of its items are made from. */
export function responseIds(
  frame: Frame,
  answerId: string | undefined,
): { readonly id: string; readonly base: string } {
  const base = idBase(answerId, frame.id)
  return { id: isOwn(frame) ? frame.id : `resp_${base}`, base }
}

/** The response without output, usage and end. */
export function writeFrame(frame: Frame, context: FrameContext): MemberWriter {
  const writer = new MemberWriter(frame)
  const own = writer.form !== undefined
  const { id } = responseIds(frame, context.answerId)
  const unless = (key: string, empty: boolean): boolean => empty && (writer.wasAbsent(key) || writer.wasNull(key))
  if (!unless('id', id === '')) writer.set('id', id)
  if (!unless('model', context.model === '')) writer.set('model', context.model)
  if (!unless('created_at', frame.created === undefined)) writer.set('created_at', frame.created ?? 0)
  const echo = own ? writer.note('echo') : echoOf(context.request)
  if (isJsonObject(echo)) for (const key of Object.keys(echo)) writer.set(key, echo[key])
  return writer
}

export function writeStatus(writer: MemberWriter, { status, details }: Status): void {
  const noted = writer.note('status')
  if (noted !== undefined) {
    // Of its own kind: told as it came, with all that came with it.
    writer.set('status', noted)
    writer.set('incomplete_details', writer.note('incomplete_details'))
    return
  }
  const own = writer.form !== undefined
  if (!(own && (writer.wasAbsent('status') || writer.wasNull('status')))) writer.set('status', status)
  const kept = writer.note('incomplete_details')
  if (kept !== undefined) writer.set('incomplete_details', kept)
  else if (details !== null) writer.set('incomplete_details', { ...details })
  else if (!own) writer.set('incomplete_details', null)
}

export function writeUsage(writer: MemberWriter, usage: Usage | undefined, lost: Loss[]): void {
  if (usage === undefined) return
  const encoded = encodeUsage(usage, lost)
  writer.set('usage', encoded.usage)
  // What the provider told of its tools stays as it is.
  const echo = writer.note('echo')
  if (!isJsonObject(echo) || echo['tool_usage'] === undefined) writer.set('tool_usage', encoded.toolUsage)
}
