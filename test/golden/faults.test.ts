/** The golden matrix of faults: every code of the catalogue as every chat dialect tells it, in an answer and in a stream that has begun. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault, faultCatalogue } from '../../src/model/fault.ts'
import type { FaultCode, FaultOptions } from '../../src/model/fault.ts'
import { chatDialects } from './chat-dialects.ts'
import { asksOnly, decodeStream } from './exercise.ts'
import { casesFolder, readCase } from './golden-case.ts'
import { eventsIn, print, snapshotAt } from './snapshot.ts'

interface ToldFault extends FaultOptions {
  readonly code: FaultCode
  readonly message: string
}

const golden = readCase('faults')
const told = golden.faults as unknown as readonly ToldFault[]

/** Codes that the case says nothing of: a new fault appears by itself. */
const plain = (Object.keys(faultCatalogue) as FaultCode[])
  .filter((code) => told.every((fault) => fault.code !== code || fault.upstream !== undefined))
  .map((code): ToldFault => ({ code, message: `What to do about ${code}.` }))

const faults = [...plain, ...told].map(({ code, message, ...options }) => new Fault(code, message, options))

const nameOf = ({ code, upstream }: Fault): string =>
  upstream === undefined ? code : `${code} (${[upstream.type, upstream.code].filter(Boolean).join(', ')})`

describe.each(chatDialects)('faults in $id', (dialect) => {
  it.skipIf(asksOnly(dialect))('are on the wire as the snapshot shows', () => {
    const wires = faults.map((fault) => [
      nameOf(fault),
      {
        ...dialect.fault.encode(fault, 'req_golden'),
        ...(dialect.stream && { events: eventsIn(Buffer.from(dialect.stream.fault(fault)), dialect.stream.framing) }),
      },
    ])
    const text = print(Object.fromEntries(wires))
    expect(text).toBe(snapshotAt(join(casesFolder, golden.name, `${dialect.id}.json`), text))
  })

  it.each(faults)('keep their message and status: $code', (fault) => {
    const { status, json } = dialect.fault.encode(fault, 'req_golden')
    expect(status).toBe(fault.status)
    const decoded = dialect.fault.decode(status, JSON.parse(JSON.stringify(json)), {})
    expect(decoded.message).toBe(fault.message)
    expect(decoded.upstream?.status).toBe(status)
  })

  it.each(faults)('end a stream: $code', (fault) => {
    const event = dialect.stream?.fault(fault)
    if (event === undefined) return
    const last = decodeStream(dialect, [Buffer.from(event)]).at(-1)
    expect(last?.type === 'error' && last.fault.message).toBe(fault.message)
  })
})
