/**
 * The golden matrix: every case in every chat dialect, held against the snapshots in `chat/CASE/DIALECT.json`, which people have
 * reviewed, and against the laws that no snapshot can prove. `UPDATE_GOLDEN=1 npx vitest run test/golden` writes the snapshots anew.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { spoken } from '../../src/kernel/testing/chat-stream-laws.ts'
import { foldChat } from '../../src/model/fold-chat.ts'
import { cutsOf } from './cuts-of.ts'
import {
  chatDialects,
  decodeStream,
  exerciseAnswer,
  exerciseRequest,
  exerciseStream,
} from './exercise.ts'
import { casesFolder, readCases } from './golden-case.ts'
import { expectSameAnswer, expectSameRequest } from './laws.ts'
import { answerOf } from './meaning.ts'
import { eventsIn, print, snapshotAt } from './snapshot.ts'

const cases = readCases().filter(({ faults }) => faults === undefined)

describe.each(cases)('golden case $name', (golden) => {
  describe.each(chatDialects)('in $id', (dialect) => {
    const request = exerciseRequest(golden, dialect)
    const answer = exerciseAnswer(golden, dialect)
    const stream = exerciseStream(golden, dialect)

    it('is on the wire as its snapshot shows', () => {
      const text = print({
        ...(request && { request: { json: request.json, lost: request.lost } }),
        ...(answer && { answer: { json: answer.json, lost: answer.lost } }),
        ...(stream &&
          dialect.stream && {
            stream: { events: eventsIn(stream.bytes, dialect.stream.framing), lost: stream.lost },
          }),
      })
      expect(text).toBe(snapshotAt(join(casesFolder, golden.name, `${dialect.id}.json`), text))
    })

    it.skipIf(request === undefined)('asks the same when it is read again, but for what was reported', () => {
      if (request !== undefined) expectSameRequest(request)
    })

    it.skipIf(answer === undefined)('answers the same when it is read again, but for what was reported', () => {
      if (answer !== undefined) expectSameAnswer(answer)
    })

    it.skipIf(stream === undefined)('says in a stream what it says in a plain answer', () => {
      if (stream === undefined || answer === undefined) return
      expect(answerOf(foldChat(stream.events))).toEqual(answerOf(answer.read))
    })

    it.skipIf(stream === undefined)('streams the same wherever the bytes are cut', () => {
      if (stream === undefined) return
      const whole = spoken(stream.events)
      for (const { how, chunks } of cutsOf(stream.bytes))
        expect(spoken(decodeStream(dialect, chunks)), how).toEqual(whole)
    })

    it.skipIf(stream === undefined)('is observed as it is decoded while it passes', () => {
      const observer = dialect.stream?.observer({ withholdUsage: false })
      if (observer === undefined || stream === undefined) return
      const passed = Buffer.concat(cutsOf(stream.bytes)[0]?.chunks.map((chunk) => observer.push(chunk)) ?? [])
      expect(passed.equals(stream.bytes)).toBe(true)
      const folded = foldChat(stream.events)
      const { usage, finish, complete } = observer.facts()
      expect({ usage, complete }).toEqual({ usage: folded.usage, complete: true })
      expect(folded.choices.map((choice) => choice.finish?.reason)).toContain(finish?.reason)
    })
  })
})

describe('snapshots', () => {
  it('belong to a case and a dialect that exist', () => {
    const known = new Set(cases.map(({ name }) => name))
    const ids = new Set(chatDialects.map(({ id }) => `${id}.json`))
    const folders = readdirSync(casesFolder).filter((name) => !name.endsWith('.json') && name !== 'faults')
    expect(folders.filter((name) => !known.has(name))).toEqual([])
    for (const folder of folders)
      expect(readdirSync(join(casesFolder, folder)).filter((file) => !ids.has(file)), folder).toEqual([])
    expect(existsSync(casesFolder)).toBe(true)
  })
})
