/**
 * What each dialect makes of a case is of its own protocol: it goes through the gateway unharmed when a client or a provider of the same
 * dialect says it, the little that is read without decoding is the same that decoding gives, and a stream that breaks half-way says so.
 */
import { describe, expect, it } from 'vitest'
import { Body } from '../../src/kernel/body.ts'
import type { RequestAddress } from '../../src/kernel/dialect.ts'
import type { ChatEvent } from '../../src/model/chat-event.ts'
import { Fault } from '../../src/model/fault.ts'
import { chatDialects } from './chat-dialects.ts'
import { decodeStream, defined, exerciseAnswer, exerciseRequest } from './exercise.ts'
import { readCases } from './golden-case.ts'
import { streamOf } from './stream-of.ts'
import { modelFor } from './target-models.ts'

const squares = readCases()
  .filter(({ faults }) => faults === undefined)
  .flatMap((golden) => chatDialects.map((dialect) => ({ golden, dialect, name: `${golden.name} in ${dialect.id}` })))

const requests = squares.filter(({ golden, dialect }) => golden.request(dialect.id) !== undefined)
const answers = squares.filter(({ golden, dialect }) => golden.answer(dialect.id) !== undefined)
const streams = answers.filter(({ dialect }) => dialect.stream !== undefined)

describe('golden requests', () => {
  it.each(requests)('go back as they came: $name', ({ golden, dialect }) => {
    const request = defined(exerciseRequest(golden, dialect))
    const again = dialect.request.encode(request.read, { model: modelFor(dialect.id) })
    expect(again).toEqual({ json: request.json, lost: [] })
  })

  it.each(requests)('have the head that decoding gives: $name', ({ golden, dialect }) => {
    const request = defined(exerciseRequest(golden, dialect))
    const { read } = request
    const address: RequestAddress = { model: modelFor(dialect.id), stream: read.stream }
    const body = new Body(bytesOf(request.json), (json) => dialect.request.decode(json, address))
    const head = dialect.head(body, dialect.addressed === true ? address : undefined)
    expect({ ...head, n: head.n ?? 1 }).toEqual({
      model: read.model,
      stream: read.stream,
      n: read.n ?? 1,
      ...(read.maxOutputTokens !== undefined && { maxOutputTokens: read.maxOutputTokens }),
      ...(read.endUser !== undefined && { endUser: read.endUser }),
    })
  })
})

describe('golden answers', () => {
  it.each(answers)('go back as they came, with the facts that decoding gives: $name', ({ golden, dialect }) => {
    const { read, json } = defined(exerciseAnswer(golden, dialect))
    expect(dialect.response.encode(read, { model: read.model })).toEqual({ json, lost: [] })
    const facts = dialect.facts(new Body(bytesOf(json), (body) => dialect.response.decode(body)))
    expect(facts.usage).toEqual(read.usage)
    expect([facts.id ?? '', facts.model ?? '']).toEqual([read.id, read.model])
    expect(facts.finish?.reason === 'stop' || facts.finish?.reason === read.choices[0]?.finish?.reason).toBe(true)
  })
})

describe('golden streams', () => {
  const fault = new Fault('provider_stalled', 'The provider stopped sending.')

  it.each(streams)('say that they broke off, wherever they did: $name', ({ golden, dialect }) => {
    const answer = defined(golden.answer(dialect.id))
    const codec = defined(dialect.stream)
    const events = golden.events(dialect.id) ?? streamOf(answer)
    for (const kept of [1, events.length >> 1, events.length - 1]) {
      const encoder = codec.encoder({ model: answer.model, streamUsage: true, answerId: 'gate_1' })
      const said = events.slice(0, kept).map((event) => Buffer.from(encoder.push(event)))
      const broken = Buffer.from(encoder.fault?.(fault) ?? codec.fault(fault))
      const read = decodeStream(dialect, [Buffer.concat([...said, broken])])
      expect(messageOf(read.at(-1)), `after ${kept} events`).toBe(fault.message)
      expect(read.filter(({ type }) => type === 'error')).toHaveLength(1)
    }
  })
})

const messageOf = (event: ChatEvent | undefined): string | undefined =>
  event?.type === 'error' ? event.fault.message : undefined

const bytesOf = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json))
