/** One entry of the journal as one line of JSON with a checksum, so that a line cut short by a crash is recognized and skipped. */
import { crc32 } from 'node:zlib'
import type { ExchangeRecord } from '../../model/record.ts'
import type { Reservation } from '../../model/reservation.ts'

export type JournalEntry =
  | {
      readonly kind: 'record'
      readonly record: ExchangeRecord
      /** The record as it stands on the line. */ readonly json: string
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
export function sealedLine(kind: JournalEntry['kind'], json: string): string {
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
const idAt = memberAt + reservationStart.length
const quote = 0x22

/** The id of the reservation on a line, without reading the rest of it; undefined for any other line. */
export function reservedId(line: Buffer): string | undefined {
  if (line.length <= idAt || line.compare(reservationStart, 0, reservationStart.length, memberAt, idAt) !== 0)
    return undefined
  const end = line.indexOf(quote, idAt)
  return end === -1 ? undefined : line.toString('latin1', idAt, end)
}

/** The entry on a line (without its line feed), or undefined when the line is not whole or not an entry. */
export function readLine(line: Buffer): JournalEntry | undefined {
  const member = line.subarray(memberAt, -1)
  if (line.at(-1) !== tail || line.toString('latin1', 0, memberAt) !== headOf(crc32(member))) return undefined
  let entry: { readonly record?: Partial<ExchangeRecord>; readonly reserve?: Partial<Reservation> }
  const text = line.toString()
  try {
    entry = JSON.parse(text) as typeof entry
  } catch {
    return undefined
  }
  const { record, reserve } = entry
  if (identified(record) && Array.isArray(record?.attempts))
    return { kind: 'record', record: record as ExchangeRecord, json: text.slice(memberAt + recordAt, -1) }
  if (identified(reserve) && Number.isSafeInteger(reserve?.nano))
    return { kind: 'reserve', reservation: reserve as Reservation }
  return undefined
}

function identified(entry: { readonly id?: unknown; readonly at?: unknown } | undefined): boolean {
  return typeof entry?.id === 'string' && entry.id !== '' && Number.isFinite(entry.at)
}
