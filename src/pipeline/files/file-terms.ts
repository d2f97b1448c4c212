/** What a client may keep, and what it says of a file beside its bytes. */
import { Fault, invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { FileLimits, Key } from '../../model/key.ts'

/** Of everybody, where a key has no word of its own. */
export interface FileTerms {
  /** Bytes of one file. */
  readonly maxFileSize: number
  readonly maxFiles: number
  /** Bytes of all files together. */
  readonly maxBytes: number
  /** Milliseconds that a file is kept whose client does not say; undefined for ever. */
  readonly expiresAfter?: number
  /** Name of the provider that files go to whose client does not say; undefined for the gateway itself. */
  readonly provider?: string
}

export interface ToldOfFile {
  readonly purpose: string
  /** Milliseconds. */
  readonly expiresAfter?: number
  readonly provider?: string
}

/** What clients may upload files for. */
const purposes: ReadonlySet<string> = new Set(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'])
/** Seconds, as OpenAI has them. */
const [shortestLife, longestLife] = [3600, 2_592_000]

export function termsOf({ maxFileSize, maxFiles, maxBytes }: FileTerms, key: Key | undefined): Required<FileLimits> {
  const own = key?.policy.files
  return {
    maxFileSize: own?.maxFileSize ?? maxFileSize,
    maxFiles: own?.maxFiles ?? maxFiles,
    maxBytes: own?.maxBytes ?? maxBytes,
    purposes: own?.purposes ?? [...purposes],
  }
}

/** `fields` are the texts of a form. Throws a Fault for what cannot be. */
export function readTold(fields: JsonObject, allowed: readonly string[], key: Key | undefined): ToldOfFile {
  const { purpose, provider } = fields
  if (typeof purpose !== 'string')
    throw invalidRequest('purpose', `The form has no \`purpose\`: send one of ${[...purposes].join(', ')}.`)
  if (!purposes.has(purpose))
    throw invalidRequest(
      'purpose',
      `"${purpose.slice(0, 60)}" is no purpose of a file: send one of ${[...purposes].join(', ')}.`,
    )
  if (!allowed.includes(purpose))
    throw new Fault(
      'purpose_not_allowed',
      `The key "${key?.name ?? ''}" may not upload files for "${purpose}". It may for ${allowed.join(', ')}.`,
      { param: 'purpose' },
    )
  if (provider !== undefined && typeof provider !== 'string')
    throw invalidRequest('provider', '`provider` must be sent once, as the name of a provider.')
  const expiresAfter = readExpiry(fields)
  return {
    purpose,
    ...(expiresAfter !== undefined && { expiresAfter }),
    ...(typeof provider === 'string' && provider !== '' && { provider }),
  }
}

/** Some clients send it as one field, in JSON. */
function inOne(text: JsonValue): { readonly anchor?: JsonValue; readonly seconds?: JsonValue } {
  let value: unknown
  try {
    value = typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    value = undefined
  }
  if (!isJsonObject(value))
    throw invalidRequest(
      'expires_after',
      'expires_after must be an anchor and seconds: `expires_after[anchor]`, `expires_after[seconds]`.',
    )
  const { anchor = '', seconds = '' } = value
  return { anchor, seconds: typeof seconds === 'number' ? String(seconds) : seconds }
}

function readExpiry(fields: JsonObject): number | undefined {
  const whole = fields['expires_after']
  const { anchor, seconds } =
    whole === undefined
      ? { anchor: fields['expires_after[anchor]'], seconds: fields['expires_after[seconds]'] }
      : inOne(whole)
  if (anchor === undefined && seconds === undefined) return undefined
  if (anchor !== 'created_at')
    throw invalidRequest('expires_after', 'expires_after[anchor] must be created_at: time counts from there.')
  if (typeof seconds !== 'string' || !/^\d{1,9}$/.test(seconds))
    throw invalidRequest('expires_after', 'expires_after[seconds] must be a whole number.')
  const told = Number(seconds)
  if (told < shortestLife || told > longestLife)
    throw invalidRequest('expires_after', `expires_after[seconds] must be from ${shortestLife} to ${longestLife}.`)
  return told * 1000
}
