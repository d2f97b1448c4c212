/** Errors: a status, and `detail` with what is wrong (README of github.com/nlpcloud/nlpcloud-js, "Returned Objects"). */
import { statusFaultCodec } from '../../kernel/codec/status-faults.ts'
import type { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

export const errorWords = ({ detail, error }: JsonObject): readonly (JsonValue | undefined)[] => [detail, error]
export const faultBody = (fault: Fault): JsonObject => ({ detail: fault.message })
export const faultCodec = statusFaultCodec({ messages: errorWords, body: faultBody })
