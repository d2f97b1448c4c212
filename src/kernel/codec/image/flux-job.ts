/**
 * Jobs as Black Forest Labs tells of them, and those who serve its models in the same words: `{ id, status, result: { sample } }`.
 * https://github.com/black-forest-labs/skills, `bfl-api`, and https://docs.fireworks.ai/api-reference/get-generated-image-from-flux-kontex, which
 * lists the words for how a job stands (read 2026-11-27).
 */
import { Fault } from '../../../model/fault.ts'
import type { ImageResponse } from '../../../model/image.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { wrongType } from '../member-reader.ts'
import { requirePictures } from './provider-side.ts'

const ends = new Set(['Ready', 'Error', 'Failed', 'Task not found', 'Request Moderated', 'Content Moderated'])

export const isOverFlux = ({ status }: JsonObject): boolean => typeof status !== 'string' || ends.has(status)

export function decodeFluxJob(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { status, result, details = json['error'] } = json
  if (status === 'Request Moderated' || status === 'Content Moderated')
    return { images: requirePictures([], id, status) }
  if (status !== 'Ready') throw failure(status, details)
  const sample = isJsonObject(result) ? result['sample'] : undefined
  const seed = isJsonObject(result) ? result['seed'] : undefined
  return {
    images: requirePictures(typeof sample === 'string' && sample !== '' ? [sample] : [], id).map((url) => ({
      ...pictureAt(url),
      ...(typeof seed === 'number' && { extra: { [id]: { seed } } }),
    })),
  }
}

/** A URL, or the picture itself in base64. */
const pictureAt = (text: string): { readonly url: string } | { readonly base64: string } =>
  /^(?:https?|data):/i.test(text) ? { url: text } : { base64: text }

function failure(status: JsonValue | undefined, details: JsonValue | undefined): Fault {
  if (typeof status !== 'string') return new Fault('provider_malformed', 'its answer is no job')
  const said = details === undefined || details === null ? '' : `: ${JSON.stringify(details).slice(0, 500)}`
  return new Fault('provider_error', `The job ended as ${status}${said}.`, { upstream: { code: status } })
}
