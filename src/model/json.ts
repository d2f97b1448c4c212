/** JSON as TypeScript sees it, and the two questions every decoder asks first. */

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export type JsonObject = { [key: string]: JsonValue | undefined }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of `object` not named in `known`, or `undefined` when there are none: what a codec carries along unmodelled. */
export function unknownMembers(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined
  for (const key in object) {
    if (known.has(key) || object[key] === undefined) continue
    rest ??= {}
    // Defined rather than assigned, so that a member named __proto__ stays a member.
    Object.defineProperty(rest, key, { value: object[key], enumerable: true, writable: true, configurable: true })
  }
  return rest
}
