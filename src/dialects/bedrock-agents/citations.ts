/**
 * Citations of agents and knowledge bases: a piece of the answer, and the passages of sources that it stands on. Canonically each passage
 * is one citation. docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Citation.html
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Citation } from '../../model/part.ts'

/** `list` is that of an answer or of an event. What is not as it should be cites nothing. */
export function decodeCitations(list: JsonValue | undefined, dialectId: string): Citation[] {
  return (Array.isArray(list) ? list : []).flatMap((json) =>
    isJsonObject(json) ? decodeCitation(json, dialectId) : [],
  )
}

function decodeCitation(json: JsonObject, dialectId: string): Citation[] {
  const { generatedResponsePart: part = null, retrievedReferences: references } = json
  const place = placeOf(part)
  return (Array.isArray(references) ? references : []).filter(isJsonObject).map((reference) => {
    const url = urlOf(reference)
    const content = isJsonObject(reference['content']) ? reference['content'] : {}
    const quote = content['text']
    return {
      ...(url !== undefined && { url }),
      ...(typeof quote === 'string' && quote !== '' && { quote }),
      ...place,
      origin: dialectId,
      raw: { generatedResponsePart: part, retrievedReferences: [reference] },
    }
  })
}

/** The end of a span is told in another way than its length says, so the length decides. */
function placeOf(part: JsonValue): Pick<Citation, 'start' | 'end'> {
  const text = isJsonObject(part) ? part['textResponsePart'] : undefined
  const span = isJsonObject(text) ? text['span'] : undefined
  const start = isJsonObject(span) ? span['start'] : undefined
  const said = isJsonObject(text) ? text['text'] : undefined
  if (typeof start !== 'number' || typeof said !== 'string') return {}
  return { start, end: start + said.length }
}

const schemes = /^(?:https?|s3):/i

/** Of wherever the source is kept: `s3Location.uri`, `webLocation.url` and their like. */
function urlOf({ location, metadata }: JsonObject): string | undefined {
  const places = isJsonObject(location) ? Object.values(location).filter((place) => isJsonObject(place)) : []
  const source = isJsonObject(metadata) ? metadata['x-amz-bedrock-kb-source-uri'] : undefined
  const named = places.flatMap((place) => (isJsonObject(place) ? [place['url'], place['uri']] : []))
  return [...named, source].find((url): url is string => typeof url === 'string' && schemes.test(url))
}

/** Undefined, with the loss reported, for one of another protocol: there is no answer here but AWS's own that has sources. */
export function encodeCitation(
  citation: Citation,
  dialectId: string,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  if (citation.origin === dialectId && isJsonObject(citation.raw)) return citation.raw
  return drop(lost, path, `${dialectId} cites passages of its own sources alone`)
}
