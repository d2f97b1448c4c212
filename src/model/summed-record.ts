/**
 * What sums need of a record, read from its JSON without the rest. Whoever takes thousands of records a second into a database needs a
 * third of each; the record of an exchange therefore has that third at its beginning.
 */
import type { ExchangeRecord } from './record.ts'

/** In the order in which they begin a record that is to be summed up quickly. `attempts` are needed only where `provider` or `modelServed` is absent. */
export type SummedRecord = Pick<
  ExchangeRecord,
  | 'id'
  | 'at'
  | 'keyId'
  | 'provider'
  | 'modelServed'
  | 'outcome'
  | 'usage'
  | 'cost'
  | 'unpriced'
  | 'route'
  | 'durationMs'
> &
  Partial<Pick<ExchangeRecord, 'attempts'>>

const behindSums = Buffer.from(',"requestId":"')
const lastOfSums = ',"durationMs":'

/**
 * `json` in UTF-8. The whole record where it was not written for this: where anything else than its duration stands before the id of its request.
 * Quotes within strings are escaped, so no text of anybody can look like a member.
 */
export function readSummedRecord(json: Buffer): SummedRecord {
  const end = json.indexOf(behindSums)
  const sums = end === -1 ? '' : json.toString('utf8', 0, end)
  const last = sums.lastIndexOf(lastOfSums)
  if (last === -1 || sums.includes(',', last + 1)) return wholeRecord(json)
  const record = JSON.parse(`${sums}}`) as SummedRecord
  return record.provider === undefined || record.modelServed === undefined ? wholeRecord(json) : record
}

const wholeRecord = (json: Buffer): SummedRecord => JSON.parse(json.toString()) as ExchangeRecord
