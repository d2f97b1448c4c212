/** One entry of the journal as one line of JSON with a checksum, so that a line cut short by a crash is recognized and skipped. */
import { crc32 } from 'node:zlib'
import type { ExchangeRecord } from '../../model/record.ts'
import type { Reservation } from '../../model/reservation.ts'
import { readSummedRecord } from '../../model/summed-record.ts'
import type { SummedRecord } from '../../model/summed-record.ts'

export type JournalEntry =
  | {
      readonly kind: 'record'
      readonly id: string
      readonly record: ExchangeRecord
      /** What is summed of it, or more. */
      readonly sums: SummedRecord
      /** The record as it stands on the line. */
      readonly json: Uint8Array
    }
  | { readonly kind: 'reserve'; readonly reservation: Reservation }

/** `{"crc":"` + 8 hex digits + `",` + member + `}`: the checksum is over the UTF-8 bytes of the member. */
const memberAt = '{"crc":"01234567",'.length
const recordAt = '"record":'.length
const tail = 0x7d

export function recordLine(record: ExchangeRecord): string {
  return sealedLine('record', JSON.stringify(record))
}

export function reserveLine(reservation: Reservation): string {
  return sealedLine('reserve', JSON.stringify(reservation))
}

/** The line of an entry that is JSON already. */
function sealedLine(kind: JournalEntry['kind'], json: string): string {
  const member = `"${kind}":${json}`
  return `${headOf(crc32(member))}${member}}\n`
}

const octets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))
const octet = (checksum: number, shift: number): string => octets[(checksum >>> shift) & 0xff] ?? ''

/** A checksum is too large for the numbers that the engine converts fast, so its octets are looked up. */
function headOf(checksum: number): string {
  return `{"crc":"${octet(checksum, 24)}${octet(checksum, 16)}${octet(checksum, 8)}${octet(checksum, 0)}",`
}

const reservationStart = Buffer.from('"reserve":{"id":"')
const recordStart = Buffer.from('"record":{"id":"')
/** Quotes inside of strings are escaped, so nothing else than the member can look like this. */
const attempts = Buffer.from('"attempts":[')
const quote = 0x22

/** The id of the reservation on a line, without reading the rest of it; undefined for any other line. */
export function reservedId(line: Buffer): string | undefined {
  return idBehind(reservationStart, line)
}

function idBehind(start: Buffer, line: Buffer): string | undefined {
  const at = memberAt + start.length
  if (line.length <= at || line.compare(start, 0, start.length, memberAt, at) !== 0) return undefined
  const end = line.indexOf(quote, at)
  return end === -1 ? undefined : line.toString('latin1', at, end)
}

/**
 * A record whose line is whole, parsed whenever it is asked for: of a long batch, one after the other is alive, and not all of them
 * until the last has been stored.
 */
class SealedRecord {
  readonly kind = 'record'
  readonly id: string
  readonly #line: Buffer

  constructor(id: string, line: Buffer) {
    this.id = id
    this.#line = line
  }

  get json(): Buffer {
    return this.#line.subarray(memberAt + recordAt, -1)
  }

  get record(): ExchangeRecord {
    return JSON.parse(this.json.toString()) as ExchangeRecord
  }

  get sums(): SummedRecord {
    return readSummedRecord(this.json)
  }
}

/** As `readLine`, but leaves the parsing of a record to whoever needs it. The line's memory must stay as it is. */
export function takeLine(line: Buffer): JournalEntry | undefined {
  const id = idBehind(recordStart, line)
  return id !== undefined && id !== '' && isIntact(line) && line.includes(attempts)
    ? new SealedRecord(id, line)
    : readLine(line)
}

function isIntact(line: Buffer): boolean {
  return line.at(-1) === tail && line.toString('latin1', 0, memberAt) === headOf(crc32(line.subarray(memberAt, -1)))
}

/** The entry on a line (without its line feed), or undefined when the line is not whole or not an entry. */
export function readLine(line: Buffer): JournalEntry | undefined {
  if (!isIntact(line)) return undefined
  let entry: { readonly record?: Partial<ExchangeRecord>; readonly reserve?: Partial<Reservation> }
  const text = line.toString()
  try {
    entry = JSON.parse(text) as typeof entry
  } catch {
    return undefined
  }
  const { record, reserve } = entry
  if (identified(record) && Array.isArray(record?.attempts))
    return {
      kind: 'record',
      id: record?.id ?? '',
      record: record as ExchangeRecord,
      sums: record as ExchangeRecord,
      json: line.subarray(memberAt + recordAt, -1),
    }
  if (identified(reserve) && Number.isSafeInteger(reserve?.nano))
    return { kind: 'reserve', reservation: reserve as Reservation }
  return undefined
}

function identified(entry: { readonly id?: unknown; readonly at?: unknown } | undefined): boolean {
  return typeof entry?.id === 'string' && entry.id !== '' && Number.isFinite(entry.at)
}
