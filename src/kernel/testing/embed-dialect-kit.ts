/**
 * The conformance kit of dialects of embeddings: the laws of the chat kit as far as they apply, and those of vectors: their order, and
 * that numbers and base64 become each other without a bit lost.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from './depth.ts'
import type {
  EmbeddingInput,
  EmbeddingRequest,
  EmbeddingResponse,
  EmbeddingVector,
  VectorValues,
} from '../../model/embedding.ts'
import type { EmbeddingTask } from '../../model/embedding.ts'
import { embeddingTasks } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { Body } from '../body.ts'
import { base64Of, floatsOf } from '../codec/vectors.ts'
import type { EmbedDialect, RequestAddress } from '../dialect.ts'
import { describeChatFaults } from './chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from './json-mutations.ts'

export interface EmbedFixture {
  readonly name: string
  readonly request?: JsonObject
  /** What the URL of that request says, for protocols that put it there. */
  readonly address?: RequestAddress
  readonly response?: JsonObject
}

export interface EmbedCapabilities {
  /** Kinds of inputs of other dialects that it can say. */
  readonly inputs: readonly EmbeddingInput['type'][]
  /** It makes one vector of one input. */
  readonly single?: boolean
  /** What vectors are taken to be for where nobody says it, in protocols that must be told. */
  readonly assumes?: EmbeddingTask
  /** Nobody can say how long vectors are to be. */
  readonly fixedLength?: boolean
  /** What no provider of the protocol answers. */
  readonly notAnswers: readonly JsonObject[]
}

export function describeEmbedDialect(
  dialect: EmbedDialect,
  fixtures: readonly EmbedFixture[],
  capabilities: EmbedCapabilities,
): void {
  describe(`the dialect of embeddings ${dialect.id}`, () => {
    for (const { name, request, address, response } of fixtures) {
      describe(`with ${name}`, () => {
        if (request !== undefined) describeRequest(dialect, request, address)
        if (response !== undefined) describeResponse(dialect, response)
      })
    }
    describeForeignRequests(dialect, capabilities)
    describeVectors(dialect, capabilities)
    describeChatFaults(dialect)
  })
}

function describeLossless(kind: string, json: JsonObject, roundTrip: (json: JsonObject) => unknown): void {
  const expectSame = (changed: JsonObject, at = ''): void => {
    const before = canonicalJson(changed)
    expect(canonicalJson(roundTrip(changed)), `changed at ${at}`).toBe(before)
    expect(canonicalJson(changed), `its argument changed at ${at}`).toBe(before)
  }

  it(`gives the same ${kind} back`, () => expectSame(json))

  it(`keeps members of the ${kind} that it does not know, at every level`, () => {
    for (const { at, json: changed } of withUnknownMembers(json)) expectSame(changed, at)
  })

  it(`keeps a member of the ${kind} named __proto__ as a member`, () => expectSame(withProtoMember(json)))
}

const bytesOf = (json: JsonObject): Uint8Array => Buffer.from(JSON.stringify(json))

function describeRequest(dialect: EmbedDialect, json: JsonObject, address: RequestAddress | undefined): void {
  describeLossless('request', json, (changed) => {
    const value = dialect.request.decode(changed, address)
    const { json: encoded, lost } = dialect.request.encode(value, { model: value.model })
    expect(lost).toEqual([])
    return encoded
  })

  it('reads the same head without decoding', () => {
    const value = dialect.request.decode(json, address)
    const head = dialect.head(new Body(bytesOf(json), (parsed) => dialect.request.decode(parsed, address)), address)
    expect(head.model).toBe(value.model)
    expect(head.stream).toBe(false)
    expect(head.inputs).toBe(value.inputs.length)
    expect(head.endUser).toBe(value.endUser)
  })

  it('writes the model it is told to, wherever the body names one', () => {
    const value = dialect.request.decode(json, address)
    const { json: encoded } = dialect.request.encode(value, { model: 'another-model' })
    const text = JSON.stringify(encoded)
    expect(text).not.toContain(`"${value.model}"`)
    expect(text).not.toContain(`/${value.model}"`)
    if (dialect.addressed !== true) expect(dialect.request.decode(encoded).model).toBe('another-model')
  })
}

function describeResponse(dialect: EmbedDialect, json: JsonObject): void {
  describeLossless('response', json, (changed) => {
    const value = dialect.response.decode(changed)
    const { json: encoded, lost } = dialect.response.encode(value, { model: value.model })
    expect(lost).toEqual([])
    return encoded
  })

  it('reads the same facts without decoding', () => {
    const value = dialect.response.decode(json)
    const facts = dialect.facts(new Body(bytesOf(json), (parsed) => dialect.response.decode(parsed)))
    expect(facts.model ?? '').toBe(value.model)
    expect(facts.usage).toEqual(value.usage)
  })
}

// --- requests of other dialects

const settings = {
  task: fc.option(fc.constantFrom(...embeddingTasks), { nil: undefined }),
  title: fc.option(fc.string(), { nil: undefined }),
}

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

const inputOf: { readonly [Type in EmbeddingInput['type']]: fc.Arbitrary<EmbeddingInput> } = {
  text: fc
    .record({ type: fc.constant('text' as const), text: fc.string(), ...settings })
    .map(withoutUndefined) as fc.Arbitrary<EmbeddingInput>,
  tokens: fc.record({ type: fc.constant('tokens' as const), tokens: fc.array(fc.nat(), { minLength: 1 }) }),
  opaque: fc.record({
    type: fc.constant('opaque' as const),
    origin: fc.constant('another-dialect'),
    value: fc.constant({ picture: 'iVBORw0KGgo=' }),
  }),
}

const requestOf = (type: EmbeddingInput['type'], single: boolean): fc.Arbitrary<EmbeddingRequest> =>
  fc
    .record({
      model: fc.constant('a-model'),
      inputs: fc.array(inputOf[type], { minLength: 1, maxLength: single ? 1 : 5 }),
      dimensions: fc.option(fc.integer({ min: 1, max: 3072 }), { nil: undefined }),
      encoding: fc.option(fc.constantFrom('float' as const, 'base64' as const), { nil: undefined }),
      endUser: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      extra: fc.constant({ 'another-dialect': { odd_member: 1 } }),
    })
    .map((request) => withoutUndefined(request) as EmbeddingRequest)

const kinds: readonly EmbeddingInput['type'][] = ['text', 'tokens', 'opaque']

function describeForeignRequests(
  dialect: EmbedDialect,
  { inputs, single = false, assumes, fixedLength = false }: EmbedCapabilities,
): void {
  describe('requests of other dialects', () => {
    const address = { model: 'a-model' }
    for (const type of kinds.filter((kind) => inputs.includes(kind))) {
      it(`keeps every ${type} in its order, and says what else is lost, once`, () => {
        fc.assert(
          fc.property(requestOf(type, single), (request) => {
            const { json, lost } = dialect.request.encode(request, { model: 'target' })
            const back = dialect.request.decode(JSON.parse(JSON.stringify(json)), address)
            expect(back.inputs.map(contentOf)).toEqual(request.inputs.map(contentOf))
            const paths = lost.map(({ path }) => path)
            if (fixedLength) expect(paths.includes('dimensions')).toBe(request.dimensions !== undefined)
            else expect(back.dimensions).toBe(request.dimensions)
            expect(new Set(paths).size).toBe(paths.length)
            expect(paths).toContain('odd_member')
            for (const { reason } of lost) expect(reason).not.toBe('')
            expect(back.endUser === request.endUser || paths.includes('user')).toBe(true)
            for (const [member, path] of [
              ['task', 'taskType'],
              ['title', 'title'],
            ] as const) {
              const usual = member === 'task' ? assumes : undefined
              const asked = request.inputs.map((input) => input[member])
              const all = asked.every((each) => each === undefined) ? asked.map(() => usual) : asked
              const kept = back.inputs.every((input, index) => input[member] === all[index])
              expect(kept).toBe(!paths.includes(path))
            }
          }),
          { numRuns: 60 },
        )
      })
    }

    it.each(kinds.filter((kind) => !inputs.includes(kind)))(
      'refuses %s rather than make vectors of something else',
      (type) => {
        fc.assert(
          fc.property(requestOf(type, single), (request) => {
            expect(refusal(() => dialect.request.encode(request, { model: 'target' }))).toBe('not_expressible')
          }),
          { numRuns: 10 },
        )
      },
    )

    it('refuses texts and tokens in one request where it has no words for that', () => {
      const mixed: EmbeddingRequest = {
        model: 'a-model',
        inputs: [
          { type: 'text', text: 'one' },
          { type: 'tokens', tokens: [1] },
        ],
      }
      expect(refusal(() => dialect.request.encode(mixed, { model: 'target' }))).toBe('not_expressible')
    })
  })
}

function refusal(encode: () => unknown): string | undefined {
  try {
    encode()
    return undefined
  } catch (error) {
    return error instanceof Fault ? error.code : 'not a fault'
  }
}

function contentOf(input: EmbeddingInput): unknown {
  return input.type === 'text' ? input.text : input.type === 'tokens' ? input.tokens : input.value
}

// --- vectors

/** JSON knows no negative zero. */
const numbersOf = (values: VectorValues): number[] => floatsOf(values).map((value) => value + 0)

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 })

function describeVectors(dialect: EmbedDialect, { single = false, notAnswers }: EmbedCapabilities): void {
  describe('vectors of other dialects', () => {
    const most = single ? 1 : 4
    it.each(['float', 'base64'] as const)('keep every bit and their order for a client that wants %s', (encoding) => {
      fc.assert(
        fc.property(fc.array(fc.tuple(floats, fc.boolean()), { minLength: 1, maxLength: most }), (drawn) => {
          const vectors = drawn.map(([values, packed]): EmbeddingVector => ({
            values: packed ? base64Of(values) : values,
          }))
          const response: EmbeddingResponse = {
            model: 'told',
            vectors,
            usage: { input: { total: 7 }, output: { total: 0 } },
          }
          const request: EmbeddingRequest = { model: 'a-model', inputs: [], encoding }
          const { json, lost } = dialect.response.encode(response, { model: 'told', request })
          expect(lost).toEqual([])
          const back = dialect.response.decode(JSON.parse(JSON.stringify(json)))
          expect(back.vectors.map(({ values }) => numbersOf(values))).toEqual(
            drawn.map(([values]) => numbersOf(values)),
          )
          expect(back.usage?.input.total).toBe(7)
        }),
        { numRuns: runs(100) },
      )
    })

    it('are numbers for JSON even where they are none', () => {
      const response: EmbeddingResponse = { model: 'told', vectors: [{ values: base64Of([Number.NaN, 1, -Infinity]) }] }
      const { json } = dialect.response.encode(response, { model: 'told' })
      expect(
        dialect.response.decode(JSON.parse(JSON.stringify(json))).vectors.map(({ values }) => floatsOf(values)),
      ).toEqual([[0, 1, 0]])
    })

    it.each(['text', null, [], ...notAnswers])('are not read from %j', (junk) => {
      expect(() => dialect.response.decode(junk)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
    })
  })
}
