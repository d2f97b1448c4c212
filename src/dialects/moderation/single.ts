/** A protocol of moderation that judges one text and knows no models: what its request has besides the text, and how its answer is read. */
import { MemberReader } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { FaultCodec, ModerationDialect } from '../../kernel/dialect.ts'
import type { JsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { ModerationResult } from '../../model/moderation.ts'
import { onlyText } from './inputs.ts'
import { moderationDialect } from './wire.ts'

export interface SingleWire {
  readonly id: string
  /** Where the text stands: a member, or the object under one that has it. */
  readonly member: string
  readonly within?: string
  /** What the gateway's own requests have besides. */
  readonly asked: JsonObject
  readonly readResult: (json: JsonObject) => ModerationResult
  readonly fault: FaultCodec
}

export function singleModeration({ id, member, within, asked, readResult, fault }: SingleWire): ModerationDialect {
  return moderationDialect({
    id,
    addressed: true,
    member: within ?? member,
    countInputs: () => 1,
    readRequest(json, address) {
      const reader = new MemberReader(id, json, '')
      const text = (within === undefined ? reader : reader.requiredNested(within)).requiredString(member)
      return { model: address?.model ?? '', inputs: [{ parts: [{ type: 'text', text }] }], ...reader.node() }
    },
    writeRequest(request) {
      const lost: Loss[] = []
      reportForeignExtra(request, id, '', lost)
      const writer = new MemberWriter(id, request)
      writer.set(within === undefined ? member : `${within}.${member}`, onlyText(request.inputs, id))
      if (writer.form === undefined) for (const [name, value] of Object.entries(asked)) writer.set(name, value)
      return { json: writer.finish(), lost }
    },
    readResponse: (json) => ({ model: '', results: [{ ...readResult(json), raw: json }], form: { [id]: {} } }),
    writeResponse: ({ results }) => ({ json: results[0]?.raw ?? {}, lost: [] }),
    fault,
  })
}
