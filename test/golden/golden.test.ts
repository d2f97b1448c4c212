/**
 * The golden matrix: every case in every chat dialect, held against the snapshots in `chat/CASE/DIALECT.json`, which people have
 * reviewed, and against the laws that no snapshot can prove. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes the snapshots anew.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import { sampled } from '../../src/kernel/testing/depth.ts'
import { expectOrdered, spoken } from '../../src/kernel/testing/chat-stream-laws.ts'
import { foldChat } from '../../src/model/fold-chat.ts'
import { chatDialects } from './chat-dialects.ts'
import { cutsOf } from './cuts-of.ts'
import {
  asksOnly,
  decodeStream,
  defined,
  hasTools,
  exerciseAnswer,
  exerciseRequest,
  exerciseStream,
} from './exercise.ts'
import { casesFolder, readCases } from './golden-case.ts'
import type { GoldenCase } from './golden-case.ts'
import { expectAlike, expectSameAnswer, expectSameRequest } from './laws.ts'
import { answerOf } from './meaning.ts'
import { eventsIn, print, snapshotAt } from './snapshot.ts'

const cases = readCases()

const squares = cases
  .filter(({ faults }) => faults === undefined)
  .flatMap((golden) => chatDialects.map((dialect) => ({ golden, dialect, name: `${golden.name} in ${dialect.id}` })))
const requests = squares.filter(({ golden, dialect }) => golden.request(dialect.id) !== undefined)
const answers = squares.filter(({ golden, dialect }) => golden.answer(dialect.id) !== undefined)
const streams = answers.filter(({ dialect }) => dialect.stream !== undefined && !asksOnly(dialect))

const shown = squares.filter(({ golden, dialect }) => !asksOnly(dialect) || golden.request(dialect.id) !== undefined)

describe('golden snapshots', () => {
  it.each(shown)('show what is on the wire: $name', ({ golden, dialect }) => {
    const text = print(wireOf(golden, dialect))
    expect(text).toBe(snapshotAt(join(casesFolder, golden.name, `${dialect.id}.json`), text))
  })

  const folders = readdirSync(casesFolder).filter((name) => !name.endsWith('.json'))

  it('belong to a case that exists', () => {
    expect(folders.filter((folder) => cases.every(({ name }) => name !== folder))).toEqual([])
  })

  it.each(folders)('belong to a dialect that exists: %s', (folder) => {
    const dialects = readdirSync(join(casesFolder, folder)).map((file) => file.replace(/\.json$/, ''))
    expect(dialects.filter((id) => chatDialects.every((dialect) => dialect.id !== id))).toEqual([])
  })
})

describe('golden requests', () => {
  it.each(requests)(
    'ask the same when they are read again, but for what was reported: $name',
    ({ golden, dialect }) => {
      expectSameRequest(defined(exerciseRequest(golden, dialect)))
    },
  )
})

describe('golden answers', () => {
  it.each(answers)('say the same when they are read again, but for what was reported: $name', ({ golden, dialect }) => {
    expectSameAnswer(defined(exerciseAnswer(golden, dialect)), hasTools(dialect))
  })
})

describe('golden answers in the words of their providers', () => {
  const worded = answers.filter(({ golden, dialect }) => golden.wire?.[dialect.id] !== undefined)

  it.each(worded)('mean what the case means, and go back as they came: $name', ({ golden, dialect }) => {
    const wire = defined(golden.wire?.[dialect.id])
    const read = dialect.response.decode(wire)
    expect(answerOf(read)['text 0']).toEqual(answerOf(defined(golden.answer(dialect.id)))['text 0'])
    expect(dialect.response.encode(read, { model: read.model })).toEqual({ json: wire, lost: [] })
  })
})

describe('golden streams', () => {
  it.each(streams)('say what the plain answer says, in order: $name', ({ golden, dialect }) => {
    const { events } = defined(exerciseStream(golden, dialect))
    expectOrdered(events)
    const plain = defined(exerciseAnswer(golden, dialect)).read
    expect(answerOf(foldChat(events))).toEqual(answerOf(plain))
  })

  const turns = streams.map((square, turn) => ({ ...square, turn }))

  it.each(turns)('are the same wherever the bytes are cut: $name', ({ golden, dialect, turn }) => {
    const { bytes, events } = defined(exerciseStream(golden, dialect))
    const whole = spoken(events)
    for (const { how, chunks } of sampled(cutsOf(bytes), 2, turn))
      expectAlike(spoken(decodeStream(dialect, chunks)), whole, `cut ${how}`)
  })

  it.each(streams)('are observed as they are decoded: $name', ({ golden, dialect }) => {
    const { bytes, events } = defined(exerciseStream(golden, dialect))
    const observer = defined(dialect.stream).observer({ withholdUsage: false })
    const passed = defined(cutsOf(bytes)[0]).chunks.map((chunk) => observer.push(chunk))
    expect(Buffer.concat(passed).equals(bytes)).toBe(true)
    const folded = foldChat(events)
    const { usage, finish, complete, atBoundary } = observer.facts()
    expect({ usage, complete, atBoundary }).toEqual({ usage: folded.usage, complete: true, atBoundary: true })
    expect(folded.choices.map((choice) => choice.finish?.reason)).toContain(finish?.reason)
  })
})

function wireOf(golden: GoldenCase, dialect: ChatDialect): unknown {
  const request = exerciseRequest(golden, dialect)
  if (request !== undefined && asksOnly(dialect)) return { request: { json: request.json, lost: request.lost } }
  const answer = exerciseAnswer(golden, dialect)
  const stream = exerciseStream(golden, dialect)
  return {
    ...(request && { request: { json: request.json, lost: request.lost } }),
    ...(answer && { answer: { json: answer.json, lost: answer.lost } }),
    ...(stream && {
      stream: { events: eventsIn(stream.bytes, defined(dialect.stream).framing), lost: stream.lost },
    }),
  }
}
