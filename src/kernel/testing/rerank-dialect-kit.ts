/** The conformance kit of dialects that rank documents: nothing lost in one's own protocol, ranks and documents kept across protocols. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RerankDocument, RerankRequest, RerankResponse } from '../../model/rerank.ts'
import { Body } from '../body.ts'
import type { RerankDialect } from '../dialect.ts'
import { describeChatFaults } from './chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from './json-mutations.ts'

export interface RerankFixture {
  readonly name: string
  readonly request?: JsonObject
  readonly response?: JsonObject
}

export interface RerankCapabilities {
  /** It says which documents are to come back, or brings them back in some way. */
  readonly returnsDocuments: boolean
  /** What no provider of the protocol answers. */
  readonly notAnswers: readonly JsonObject[]
}

const address = { model: 'a-model' }

export function describeRerankDialect(
  dialect: RerankDialect,
  fixtures: readonly RerankFixture[],
  { returnsDocuments, notAnswers }: RerankCapabilities,
): void {
  describe(`the dialect for ranking ${dialect.id}`, () => {
    for (const { name, request, response } of fixtures) {
      describe(`with ${name}`, () => {
        if (request !== undefined) describeRequest(dialect, request)
        if (response !== undefined) describeResponse(dialect, response)
      })
    }

    it('keeps question, documents and their order of any request of another dialect', () => {
      fc.assert(
        fc.property(requests, (request) => {
          const { json } = dialect.request.encode(request, { model: 'target' })
          const back = dialect.request.decode(JSON.parse(JSON.stringify(json)), { model: 'target' })
          expect(back.model).toBe('target')
          expect(back.query).toBe(request.query)
          expect(back.documents.map(textOf)).toEqual(request.documents.map(textOf))
        }),
      )
    })

    it('refuses a document of another dialect that is no text', () => {
      const picture: RerankDocument = { type: 'opaque', origin: 'another', value: { image: 'iVBORw0KGgo=' } }
      const encode = () => dialect.request.encode({ model: 'm', query: 'q', documents: [picture] }, { model: 'm' })
      expect(encode).toThrow(expect.objectContaining({ code: 'not_expressible' }))
    })

    it('tells any ranking best first, cut to what was asked for, with the documents that were to come back', () => {
      fc.assert(
        fc.property(requests, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (request, scores) => {
          const results = request.documents.map((_, index) => ({ index, score: (scores[index] ?? 0) + 0 }))
          const answer: RerankResponse = { model: 'm', results, usage: { input: { total: 7 }, output: { total: 0 } } }
          const { json } = dialect.response.encode(answer, { model: 'm', request })
          const back = dialect.response.decode(JSON.parse(JSON.stringify(json)))
          expect(back.results).toHaveLength(Math.min(request.topN ?? Infinity, results.length))
          const told = back.results.map(({ score }) => score)
          expect(told).toEqual(told.toSorted((a, b) => b - a))
          for (const { index, document } of back.results) {
            const wanted =
              request.returnDocuments === true && returnsDocuments ? textOf(request.documents[index]) : undefined
            if (wanted !== undefined) expect(textOf(document)).toBe(wanted)
          }
        }),
      )
    })

    it('takes a ranking of a document that was not asked about for an answer out of its protocol', () => {
      const request: RerankRequest = { model: 'm', query: 'q', documents: [{ type: 'text', text: 'one' }] }
      const answer: RerankResponse = { model: 'm', results: [{ index: 1, score: 1 }] }
      expect(() => dialect.response.encode(answer, { model: 'm', request })).toThrow(
        expect.objectContaining({ code: 'provider_malformed' }),
      )
    })

    it.each(notAnswers.map((json) => [JSON.stringify(json), json] as const))(
      'does not take %s for an answer',
      (_text, json) => {
        let error: unknown
        try {
          dialect.response.decode(json)
        } catch (thrown) {
          error = thrown
        }
        expect(error).toBeInstanceOf(Fault)
        expect((error as Fault).side).toBe('provider')
      },
    )

    describeChatFaults(dialect)
  })
}

const changedOf = (json: JsonObject): JsonObject[] => [
  json,
  ...withUnknownMembers(json).map((changed) => changed.json),
  withProtoMember(json),
]

function describeRequest(dialect: RerankDialect, request: JsonObject): void {
  it('gives the same request back, members that it does not know included', () => {
    for (const json of changedOf(request)) {
      const value = dialect.request.decode(json, address)
      const { json: again, lost } = dialect.request.encode(value, { model: value.model })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })

  it('reads the same head without decoding', () => {
    const body = new Body(Buffer.from(JSON.stringify(request)), (json) => dialect.request.decode(json, address))
    const head = dialect.head(body, address)
    const value = dialect.request.decode(request, address)
    expect(head.model).toBe(value.model)
    expect(head.stream).toBe(false)
    expect(head.units?.['searches']).toBeGreaterThanOrEqual(Math.ceil(value.documents.length / 100))
  })
}

function describeResponse(dialect: RerankDialect, response: JsonObject): void {
  it('gives the same answer back, members that it does not know included', () => {
    for (const json of changedOf(response)) {
      const value = dialect.response.decode(json)
      const { json: again, lost } = dialect.response.encode(value, { model: value.model })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(json))
    }
  })

  it('reads the same facts', () => {
    const body = new Body(Buffer.from(JSON.stringify(response)), (json) => dialect.response.decode(json))
    expect(dialect.facts(body).usage).toEqual(dialect.response.decode(response).usage)
  })
}

const textOf = (document: RerankDocument | undefined): string | undefined =>
  document?.type === 'text' ? document.text : undefined

const requests: fc.Arbitrary<RerankRequest> = fc
  .record({
    model: fc.constant('a-model'),
    query: fc.string({ minLength: 1 }),
    documents: fc.array(
      fc.string().map((text): RerankDocument => ({ type: 'text', text })),
      { minLength: 1, maxLength: 6 },
    ),
    topN: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    returnDocuments: fc.option(fc.boolean(), { nil: undefined }),
    maxTokensPerDocument: fc.option(fc.integer({ min: 1, max: 4096 }), { nil: undefined }),
  })
  .map(({ topN, returnDocuments, maxTokensPerDocument, ...rest }) => ({
    ...rest,
    ...(topN !== undefined && { topN }),
    ...(returnDocuments !== undefined && { returnDocuments }),
    ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }),
  }))
