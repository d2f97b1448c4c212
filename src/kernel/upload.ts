/**
 * Files that came with a request. Small ones are in memory, all others lie in the spool, and each is read anew for each provider that they are
 * sent to. What else the form had is the request's body, as a JSON object of texts, in which each file stands under its field's name.
 */
import type { JsonValue } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import type { BodySource } from './transport.ts'

export interface Upload extends BodySource {
  readonly length: number
  /** As the client called it. */
  readonly name: string
  /** By its first bytes; as the client said where they tell nothing. */
  readonly type: string
  /** Gives the file up. Calls under way read it to its end. */
  discard(): void
}

export interface ReceivedForm {
  /** The form's fields; a file stands there as a `FileMember`, several of one name as a list of them. */
  readonly fields: Uint8Array
  readonly uploads: readonly Upload[]
}

/** What forms of a protocol may have by way of files. */
export interface FormFiles {
  readonly media: 'sound' | 'images' | 'any'
  /** The most files of each field. */
  readonly fields: Readonly<Record<string, number>>
  /** A form may as well have none. */
  readonly optional?: true
  /** How a form with one is sent, for people. */
  readonly example: string
}

/** How a file stands among the fields: `upload` says which of the exchange's it is. */
export interface FileMember {
  readonly upload: number
  readonly name: string
  readonly type: string
  readonly size: number
}

/** Fields that a client sent are texts, so what is an object was put there by who read the form. */
export const isFileMember = (value: JsonValue | undefined): value is JsonValue & FileMember =>
  isJsonObject(value) && typeof value['upload'] === 'number' && typeof value['type'] === 'string'
