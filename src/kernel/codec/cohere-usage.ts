/** What Cohere's answers that are not chat were billed for, `meta`, both ways: tokens, searches, pictures. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'

function countIn(object: JsonValue | undefined, name: string): number | undefined {
  const value = isJsonObject(object) ? object[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Undefined for what counts nothing. The tokens of pictures come beside those of texts. */
export function readCohereMeta(meta: JsonValue | undefined, dialectId: string): Usage | undefined {
  if (!isJsonObject(meta)) return undefined
  const { billed_units: billed, tokens: counted } = meta
  const text = countIn(billed, 'input_tokens') ?? countIn(billed, 'total_tokens') ?? countIn(counted, 'input_tokens')
  const image = countIn(billed, 'image_tokens')
  const units: Record<string, number> = {}
  for (const [unit, name] of [
    ['searches', 'search_units'],
    ['images', 'images'],
  ] as const) {
    const count = countIn(billed, name)
    if (count !== undefined) units[unit] = count
  }
  if (text === undefined && image === undefined && Object.keys(units).length === 0) return undefined
  return {
    input: { total: (text ?? 0) + (image ?? 0), ...(image !== undefined && { image }) },
    output: { total: 0 },
    ...(Object.keys(units).length > 0 && { units }),
    raw: { [dialectId]: meta },
  }
}

export function cohereMeta(version: string, { input }: Usage): JsonObject {
  const image = input.image ?? 0
  return {
    api_version: { version },
    billed_units: { input_tokens: input.total - image, ...(image > 0 && { image_tokens: image }) },
  }
}
