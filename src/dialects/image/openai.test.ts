/** Laws of OpenAI's and Google's protocols of pictures: what was read is written again as it was, whatever it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ImageDialect } from '../../kernel/dialect.ts'
import type { JsonObject } from '../../model/json.ts'
import { imagen, openaiImageEdits, openaiImages } from './index.ts'

const sides = fc.integer({ min: 1, max: 16_384 })
const size = fc.oneof(
  fc.tuple(sides, sides).map(([width, height]) => `${width}x${height}`),
  fc.constantFrom('auto', '2K'),
)
const text = fc.string({ minLength: 1, maxLength: 30 })
const unknown = fc.dictionary(fc.stringMatching(/^x_[a-z]{1,8}$/), fc.jsonValue(), {
  maxKeys: 3,
  noNullPrototype: true,
})
/** Of a form all are texts, of JSON they have types of their own. */
const spelled = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, value.map(String))

const options = fc.record(
  {
    n: spelled(fc.integer({ min: 1, max: 10 })),
    size,
    quality: fc.constantFrom('low', 'high', 'hd', 'auto'),
    background: fc.constantFrom('transparent', 'opaque'),
    output_format: fc.constantFrom('png', 'jpeg', 'webp'),
    output_compression: spelled(fc.integer({ min: 0, max: 100 })),
    response_format: fc.constantFrom('url', 'b64_json'),
    partial_images: spelled(fc.integer({ min: 0, max: 3 })),
    stream: spelled(fc.boolean()),
    user: text,
    seed: fc.nat(),
    steps: fc.integer({ min: 1, max: 500 }),
    negative_prompt: text,
  },
  { requiredKeys: [] },
)
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), bytes]).toString('base64'))
const source = fc.oneof(
  fc.webUrl().map((image_url) => ({ image_url })),
  base64.map((data) => ({ image_url: `data:image/png;base64,${data}` })),
  text.map((file_id) => ({ file_id })),
)

const request = fc
  .tuple(options, unknown, text, text)
  .map(([given, more, model, prompt]): JsonObject => ({ ...more, ...given, model, prompt }))
const edit = fc
  .tuple(request, fc.array(source, { minLength: 1, maxLength: 3 }))
  .map(([whole, images]): JsonObject => ({ ...whole, images }))

function expectRoundTrip(dialect: ImageDialect, json: JsonObject): void {
  const decoded = dialect.request.decode(json, { model: 'm' })
  const { json: written, lost } = dialect.request.encode(decoded, { model: decoded.model })
  expect(written).toEqual(json)
  expect(lost).toEqual([])
}

describe('a request', () => {
  it.each(['@@@@', Buffer.from('a text, and no picture').toString('base64'), ''])(
    'with a data URL of %j as its picture is refused',
    (data) => {
      const json = { model: 'm', prompt: 'A', images: [{ image_url: `data:image/png;base64,${data}` }] }
      expect(() => openaiImageEdits.request.decode(json, { model: 'm' })).toThrow(/none of a picture/)
    },
  )

  it('is written as it was read', () => {
    fc.assert(fc.property(request, (json) => expectRoundTrip(openaiImages, json)))
    fc.assert(fc.property(edit, (json) => expectRoundTrip(openaiImageEdits, json)))
  })

  it('has a head that agrees with what is read of it', () => {
    fc.assert(
      fc.property(request, (json) => {
        const body = new Body(Buffer.from(JSON.stringify(json)), (value) => openaiImages.request.decode(value))
        const head = openaiImages.head(body)
        const read = body.read()
        expect(head).toMatchObject({ model: read.model, stream: read.stream, units: { images: read.n ?? 1 } })
        expect(head.usualOutput).toBeGreaterThan(0)
        expect((head.maxOutputTokens ?? 0) * (read.n ?? 1)).toBeGreaterThanOrEqual(head.usualOutput ?? 0)
      }),
    )
  })

  it('of Google’s clients is written as it was read', () => {
    const parameters = fc.record(
      {
        sampleCount: fc.integer({ min: 1, max: 8 }),
        aspectRatio: fc.constantFrom('1:1', '16:9', '3:4'),
        sampleImageSize: fc.constantFrom('1K', '2K'),
        negativePrompt: text,
        seed: fc.nat(),
        guidanceScale: fc.integer({ min: 1, max: 30 }),
        personGeneration: text,
        outputOptions: fc.record({ mimeType: fc.constantFrom('image/png', 'image/jpeg') }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(text, fc.option(parameters, { nil: undefined }), unknown, (prompt, given, more) => {
        const json = { instances: [{ prompt, ...more }], ...(given !== undefined && { parameters: given }) }
        expectRoundTrip(imagen, JSON.parse(JSON.stringify(json)) as JsonObject)
      }),
    )
  })
})

describe('an answer', () => {
  const picture = fc.record(
    { b64_json: base64, revised_prompt: text },
    { requiredKeys: ['b64_json'], noNullPrototype: true },
  )
  const usage = fc.record({
    input_tokens: fc.nat(9999),
    output_tokens: fc.nat(9999),
    total_tokens: fc.nat(9999),
    input_tokens_details: fc.record({ text_tokens: fc.nat(999), image_tokens: fc.nat(999) }),
  })
  const answer = fc
    .tuple(fc.array(picture, { minLength: 1, maxLength: 4 }), fc.nat(), usage, unknown)
    .map(([data, created, told, more]): JsonObject => ({ ...more, created, data, usage: told }))

  it('is written as it was read, and its facts are those of what was read', () => {
    fc.assert(
      fc.property(answer, (json) => {
        const decoded = openaiImages.response.decode(json)
        expect(openaiImages.response.encode(decoded, { model: 'm' }).json).toEqual(json)
        const body = new Body(Buffer.from(JSON.stringify(json)), (value) => openaiImages.response.decode(value))
        expect(openaiImages.facts(body).usage).toMatchObject({ units: { images: decoded.images.length } })
        expect(openaiImages.facts(body).usage?.output.total).toBe(decoded.usage?.output.total)
      }),
    )
  })
})
