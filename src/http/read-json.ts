/** Reads the JSON object of a request beside the data plane. */
import type { IncomingMessage } from 'node:http'
import { Body } from '../kernel/body.ts'
import { Fault } from '../model/fault.ts'
import type { JsonObject } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import { readBody } from './read-body.ts'

/** Throws a Fault for anything that is no JSON object. Where a body is not asked for, none is an empty object. */
export async function readJson(
  request: IncomingMessage,
  limit: number,
  { optional = false }: { readonly optional?: boolean } = {},
): Promise<JsonObject> {
  const bytes = await readBody(request, limit)
  if (bytes.length === 0 && optional) return {}
  const json = new Body(bytes, (value) => value).json()
  if (!isJsonObject(json)) throw new Fault('invalid_json', 'The body is not a JSON object.')
  return json
}
