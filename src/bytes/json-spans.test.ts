// Checks the scanner against JSON.parse on valid, corrupted and random documents, and its spans against the values.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { ByteRope } from './byte-rope.ts'
import { JsonSyntaxError, type JsonScanLimits, type JsonSpans, scanJsonObject } from './json-spans.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)

/** What JSON.parse makes of it, or undefined if it is refused or not an object. */
function reference(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function scanned(bytes: Uint8Array | ByteRope, limits?: JsonScanLimits): JsonSpans | JsonSyntaxError {
  try {
    return scanJsonObject(bytes, limits)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error
    throw error
  }
}

function failure(bytes: Uint8Array | string, limits?: JsonScanLimits): JsonSyntaxError {
  const result = scanned(typeof bytes === 'string' ? encode(bytes) : bytes, limits)
  if (result instanceof JsonSyntaxError) return result
  throw new Error('the document was accepted')
}

/**
 * V8 may read a key that has an escape as a key seen before that ends in a backslash (nodejs/node#63785): after
 * JSON.parse of `{"\\\\":0}`, that of `{"\\n":0}` gives the first key. Such keys would spoil the reference for all tests.
 */
const KEY_WITH_FINAL_BACKSLASH = /(?:\\\\|\\u005c)"[ \t\r\n]*:/i

/** How the scan of a document, here and there cut in pieces, differs from JSON.parse of it, if it does. */
function disagreement(bytes: Uint8Array, cuts: readonly number[] = []): string | undefined {
  if (KEY_WITH_FINAL_BACKSLASH.test(Buffer.from(bytes).toString('latin1'))) return undefined
  const expected = reference(bytes)
  const result = scanned(cuts.length === 0 ? bytes : inPieces(bytes, cuts))
  if (result instanceof JsonSyntaxError) {
    if (expected !== undefined) return `refused: ${result.message}`
    return result.offset >= 0 && result.offset <= bytes.length ? undefined : `the offset is ${result.offset}`
  }
  if (expected === undefined) return 'accepted'
  const keys = Object.keys(expected)
  const found = result.keys()
  if (found.length !== keys.length || !keys.every((key) => result.has(key))) return `has the keys ${found.join()}`
  for (const [key, value] of Object.entries(expected)) {
    const span = result.get(key)
    if (span === undefined) return `has no span for ${key}`
    const raw = decode(bytes.subarray(span.start, span.end))
    if (JSON.stringify(result.json(key)) !== JSON.stringify(value)) return `reads ${key} as ${raw}`
    if (raw !== result.raw(key) || raw !== raw.trim()) return `has for ${key} the span of ${raw}`
    const entries = Array.isArray(value) ? value.length : 0
    if (result.entries(key) !== entries) return `counts ${result.entries(key)} entries in ${raw}`
    if (JSON.parse(decode(bytes.subarray(span.keyStart, span.keyEnd))) !== key) return `misplaces the key ${key}`
  }
  return undefined
}

function inPieces(bytes: Uint8Array, cuts: readonly number[]): ByteRope {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return new ByteRope(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))
}
const someCuts = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 6 })

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r', ' \r\n  ')
const escapedUnit = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const stringText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'grapheme', maxLength: 60 }).map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 4 }).map((value) => `"${Array.from(value, escapedUnit).join('')}"`),
  fc.constantFrom('"\\ud800"', '"\\uDC00\\ud800"', '"\\/\\b\\f\\n\\r\\t"', '"\u007f\u2028"', '"__proto__"', '"\\\\"'),
)
const key = fc.oneof(stringText, fc.constantFrom('"a"', '"\\u0061"', '"model"', '"mod\\u0065l"', '""', '"1"', '"é"'))
const scalar = fc.oneof(
  stringText,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('true', 'false', 'null', '0', '-0', '1E+2', '-0.0e-0', '12345678901234567890', '1e999', '0.1e1'),
)
const { document } = fc.letrec<{ value: string; array: string; object: string; document: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('array'), tie('object')),
  array: fc
    .tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }))
    .map(([inside, items]) => `[${inside}${items.map((item) => item.join('')).join(',')}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(space, key, space, space, tie('value'), space), { maxLength: 5 }))
    .map(
      ([inside, members]) => `{${inside}${members.map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${v}${d}`).join(',')}}`,
    ),
  document: fc.tuple(space, tie('object'), space).map((parts) => parts.join('')),
}))

const interesting = fc.constantFrom(
  ...Array.from('{}[]",:\\/0123456789-+.eEtrufalsn \n\t\r\u0000\u001f\u007f', (c) => c.charCodeAt(0)),
)
const anyByte = fc.oneof({ weight: 4, arbitrary: interesting }, fc.integer({ min: 0, max: 255 }))
const corruption = fc.record({ at: fc.nat(), kind: fc.constantFrom('set', 'insert', 'delete', 'cut'), byte: anyByte })
const corrupted = fc
  .tuple(document, fc.array(corruption, { minLength: 1, maxLength: 3 }))
  .map(([text, corruptions]) => {
    const bytes = Array.from(encode(text))
    for (const { at, kind, byte } of corruptions) {
      const index = at % (bytes.length + 1)
      if (kind === 'set') bytes[index] = byte
      else if (kind === 'insert') bytes.splice(index, 0, byte)
      else bytes.splice(index, kind === 'cut' ? bytes.length : 1)
    }
    return Uint8Array.from(bytes)
  })
const tokens = fc
  .array(fc.constantFrom(' ', '\uFEFF', ...'{ } [ ] , : "a" " 1 0 - . e true nul \\ u00e'.split(' ')), {
    maxLength: 10,
  })
  .map((parts) => encode(`{"a":${parts.join('')}}`))

/** Strings long enough for native searches and several windows, with one or two special things anywhere in them. */
const longString = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 32_700, max: 32_800 }), fc.constant(70_000)),
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(
          '\\n',
          '\\"',
          '\\\\',
          '\\u00E9',
          '\\u12',
          '\\u12g4',
          '\\x',
          '\u0001',
          '\u001f',
          '\n',
          '"',
          'é',
          '🎈',
          '\\',
        ),
      ),
      { maxLength: 3 },
    ),
    fc.nat(7),
  )
  .map(([length, specials, lead]) => {
    let text = 'x'.repeat(length)
    for (const [where, special] of specials) {
      const at = Math.floor(where * text.length)
      text = text.slice(0, at) + special + text.slice(at)
    }
    return encode(`${' '.repeat(lead)}{"k":\n"${text}"\n,"after":[1]}`)
  })

/** The bytes inside a larger buffer, at any alignment, between bytes that would break any document. */
function embedded(bytes: Uint8Array, lead: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 16).fill(1)
  buffer.set(bytes, lead)
  return buffer.subarray(lead, lead + bytes.length)
}

describe('scanJsonObject agrees with JSON.parse', () => {
  it('on valid documents', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(disagreement(encode(text))).toBeUndefined()
        expect(scanned(encode(text))).not.toBeInstanceOf(JsonSyntaxError)
      }),
      { numRuns: runs(1000) },
    )
  })

  it('on corrupted documents', () => {
    fc.assert(
      fc.property(corrupted, (bytes) => {
        expect(disagreement(bytes)).toBeUndefined()
      }),
      { numRuns: runs(5000) },
    )
  })

  it('on documents in pieces, cut anywhere', () => {
    fc.assert(
      fc.property(fc.oneof(corrupted, document.map(encode), longString), someCuts, (bytes, cuts) => {
        expect(disagreement(bytes, cuts)).toBeUndefined()
      }),
      { numRuns: runs(2000) },
    )
  })

  it('on random tokens', () => {
    fc.assert(
      fc.property(tokens, (bytes) => {
        expect(disagreement(bytes)).toBeUndefined()
      }),
      { numRuns: runs(5000) },
    )
  })

  it('on long strings, wherever their bytes lie', () => {
    fc.assert(
      fc.property(longString, fc.nat(15), (bytes, lead) => {
        expect(disagreement(embedded(bytes, lead))).toBeUndefined()
      }),
      { numRuns: runs(700) },
    )
  })

  it('on documents that are large enough for vector instructions, valid and corrupted', () => {
    const lead = `{"pad":"${'p'.repeat(9000)}",`
    const large = (bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(lead), bytes.subarray(1)])
    fc.assert(
      fc.property(fc.oneof(corrupted, document.map(encode)), someCuts, (bytes, cuts) => {
        expect(disagreement(large(bytes))).toBeUndefined()
        expect(disagreement(large(bytes), cuts)).toBeUndefined()
      }),
      { numRuns: runs(1000) },
    )
    const string = (text: string): Uint8Array => Buffer.from(`${lead}"s":"${'s'.repeat(30)}${text}"}`)
    fc.assert(
      fc.property(fc.array(fc.oneof(anyByte, fc.constantFrom(0x5c, 0x75, 0x66, 0x22)), { maxLength: 40 }), (codes) => {
        expect(disagreement(string(String.fromCharCode(...codes)))).toBeUndefined()
      }),
      { numRuns: runs(3000) },
    )
  })

  it('on every single byte put into, taken from or cut off a document that has everything', () => {
    const whole = encode('{"a\\u00e9":[-1.5e+3,true,false,null,"x\\"y",{}],"b":{"c":[],"d":0},"é":"🎈"}')
    for (let at = 0; at <= whole.length; at++) {
      expect(disagreement(whole.subarray(0, at))).toBeUndefined()
      expect(disagreement(Uint8Array.from([...whole.subarray(0, at), ...whole.subarray(at + 1)]))).toBeUndefined()
      for (const byte of [0, 9, 0x20, 0x22, 0x2c, 0x30, 0x5c, 0x7d, 0x80, 0xc3, 0xff]) {
        expect(disagreement(Uint8Array.from([...whole.subarray(0, at), byte, ...whole.subarray(at)]))).toBeUndefined()
        expect(
          disagreement(Uint8Array.from([...whole.subarray(0, at), byte, ...whole.subarray(at + 1)])),
        ).toBeUndefined()
      }
    }
  })

  it('on strings that are left to vector instructions, with something special at every place of a block', () => {
    const specials = [
      '\\n',
      '\\"',
      '\\\\',
      '\\\\\\"',
      '\\u00e9',
      '\\u12g4',
      '\\u12',
      '\\x',
      '\\u',
      '\u0001',
      '\u001f',
      '"',
      '\\',
      'é',
      '🎈',
      ' ',
    ]
    for (const special of specials) {
      for (let before = 30; before < 30 + 66; before += 1) {
        for (const after of ['', '\\t', 's'.repeat(70)]) {
          const text = `{"pad":"${'p'.repeat(9000)}","s":"${'s'.repeat(before)}${special}${after}"}`
          expect(disagreement(encode(text)), `${special} after ${before}`).toBeUndefined()
          expect(disagreement(encode(text.slice(0, -2))), `${special} after ${before}, cut`).toBeUndefined()
        }
      }
    }
  })

  it.each(
    [
      ['01', '-', '-01', '+1', '.5', '1.', '1.e1', '1e', '1e+', '1E-', '0x1', '1_0', 'NaN', 'Infinity', '--1', '- 1'],
      ['0', '-0', '0.0', '1e5', '1E+05', '-1.25e-10', '1e99999', '100', '0e0'],
      ['tru', 'True', 'nulL', 'truefalse', 'undefined', "'a'", '"a', 'a"', '"\\a"', '"\\u00g0"', '"\\u000"', '"\\'],
      [
        '"a\tb"',
        '"a\nb"',
        '"\u007f"',
        '"\u0080"',
        '"\\ud800"',
        '"\\u0000"',
        '[1,]',
        '[,1]',
        '[1 2]',
        '[',
        '[[]',
        '[]]',
      ],
      ['{"a":1,}', '{,}', '{"a"}', '{"a":}', '{a:1}', '{1:1}', '{"a":1 "b":2}', '{"a" 1}', '1 // c', '/* c */ 1', ''],
      ['\u00a01', '\u20281', '\v1', '\f1', '\uFEFF1', '1\u0000', '1}', '1} x', '1},', '[{}]', '{"a":{"a":{}}}'],
    ]
      .flat()
      .map((text) => [text]),
  )('on the value %j', (text) => {
    expect(disagreement(encode(`{"k":${text}}`))).toBeUndefined()
    expect(disagreement(encode(`{"k":[${text}]}`))).toBeUndefined()
    expect(disagreement(encode(`{"k":0,${text}:1}`))).toBeUndefined()
    expect(disagreement(encode(text))).toBeUndefined()
  })

  it.each([
    ['overlong', [0xc0, 0x80]],
    ['overlong of three', [0xe0, 0x80, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['cut short', [0xe2, 0x82]],
    ['a lone continuation', [0x80]],
    ['five continuations', [0x80, 0x80, 0x80, 0x80, 0x80]],
    ['no UTF-8 byte at all', [0xff]],
    ['the last character', [0xf4, 0x8f, 0xbf, 0xbf]],
    ['a noncharacter', [0xef, 0xbf, 0xbf]],
  ])('on UTF-8 that is %s', (_name, sequence) => {
    const bytes = Uint8Array.from([...encode('{"é":"a'), ...sequence, ...encode('"}')])
    expect(disagreement(bytes)).toBeUndefined()
    const result = scanned(bytes)
    if (result instanceof JsonSyntaxError) {
      expect(result.reason).toBe('utf8')
      expect(result.offset).toBe(8)
    }
  })
})

describe('JsonSpans', () => {
  const spans = scanJsonObject(encode(' { "model" : "a" ,"n":[1, 2],"mod\\u0065l":"b","é": null }'))

  it('takes the last of duplicates, as JSON.parse does, and names them', () => {
    expect(spans.json('model')).toBe('b')
    expect(spans.duplicates).toEqual(['model'])
    expect(spans.keys()).toEqual(['model', 'n', 'é'])
    expect(scanJsonObject(encode('{"a":1,"b":1,"a":1,"a":1,"b":1}')).duplicates).toEqual(['a', 'b'])
  })

  it('gives values as text and parsed once', () => {
    expect(spans.raw('n')).toBe('[1, 2]')
    expect(spans.json('n')).toEqual([1, 2])
    expect(spans.json('n')).toBe(spans.json('n'))
    expect(spans.json('é')).toBeNull()
  })

  it('knows what is not there', () => {
    expect(spans.has('model')).toBe(true)
    for (const absent of ['nope', '__proto__', 'constructor', 'toString', '']) {
      expect(spans.has(absent)).toBe(false)
      expect(spans.get(absent)).toBeUndefined()
      expect(spans.json(absent)).toBeUndefined()
      expect(spans.raw(absent)).toBe('')
    }
  })

  it('reads keys with backslashes and escapes', () => {
    const text = String.raw`{"\\":1,"a\\":2,"\n":3,"\"":4,"a\u005c\\":5,"\u0061\u00E9\ud83c\udf88":6}`
    expect(scanJsonObject(encode(text)).keys()).toEqual(['\\', 'a\\', '\n', '"', 'a\\\\', 'aé🎈'])
  })

  it('treats __proto__ as any other key', () => {
    const hostile = scanJsonObject(encode('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}'))
    expect(hostile.keys()).toEqual(['__proto__', 'a'])
    expect(hostile.raw('__proto__')).toBe('{"polluted":true}')
    hostile.json('__proto__')
    hostile.json('a')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('what a document mentions', () => {
  const image = `data:image/png;base64,${'A'.repeat(20_000)}`
  const spansOf = (text: string, cuts: readonly number[]): JsonSpans => scanJsonObject(inPieces(encode(text), cuts))

  it('is found among members and at the beginning of strings, in one piece or many', () => {
    fc.assert(
      fc.property(someCuts, (cuts) => {
        const spans = spansOf(JSON.stringify({ a: [{ url: image }], system: 1, last: 'x'.repeat(2000) }), cuts)
        for (const text of ['"system"', '"url', ';base64,', '"last"', '"data:', 'x"}'])
          expect(spans.mentions(['"nothing"', text])).toBe(true)
        expect(spans.mentions(['"nothing"', 'absent'])).toBe(false)
        expect(spans.mentions([])).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('is not what a long text says further on', () => {
    fc.assert(
      fc.property(someCuts, (cuts) => {
        const long = `${'t'.repeat(1000)} "system" ;base64, ${'t'.repeat(9000)}`
        expect(spansOf(JSON.stringify({ a: [long] }), cuts).mentions(['"system', ';base64,'])).toBe(false)
      }),
      { numRuns: 50 },
    )
  })
})

describe('scanJsonObject says what is wrong', () => {
  it.each<[string, string, number, RegExp]>([
    ['', 'syntax', 0, /expected '\{' to begin a JSON object, found the end of the document at line 1, column 1/],
    ['hello', 'syntax', 0, /found 'h'/],
    ['\uFEFF{}', 'syntax', 0, /found a byte order mark/],
    [' [1]', 'not-object', 1, /expected a JSON object, found an array/],
    ['"x"', 'not-object', 0, /found a string/],
    ['-1', 'not-object', 0, /found a number/],
    ['true', 'not-object', 0, /found a boolean/],
    ['null', 'not-object', 0, /found null/],
    ['{\n  "é": 01\n}', 'syntax', 11, /expected ',' or '\}', found '1' at line 2, column 9/],
    ['{"a":1,}', 'syntax', 7, /expected a property name in double quotes, found '\}'/],
    ['{"a" 1}', 'syntax', 5, /expected ':' after a property name, found '1'/],
    ['{"a":}', 'syntax', 5, /expected a value, found '\}'/],
    ['{"a":[1 2]}', 'syntax', 8, /expected ',' or '\]', found '2'/],
    ['{"a":nul}', 'syntax', 8, /expected 'null', found '\}'/],
    ['{"a":1.}', 'syntax', 7, /expected a digit, found '\}'/],
    ['{"a":"x\ny"}', 'syntax', 7, /control characters must be escaped\), found control character U\+000A/],
    ['{"a":"\\x"}', 'syntax', 7, /after a backslash, found 'x'/],
    ['{"a":"xyz', 'syntax', 9, /expected '"' to end the string that starts at byte 5/],
    ['{"a":1}\n x', 'syntax', 9, /expected nothing after the document, found 'x' at line 2, column 2/],
    ['{"a":é}', 'syntax', 5, /found a non-ASCII character/],
    [`{"a":"${'x'.repeat(500)}\u0002"}`, 'syntax', 506, /U\+0002/],
    [`{"a":"${'x'.repeat(500)}`, 'syntax', 506, /the end of the document/],
  ])('of %j', (text, reason, offset, message) => {
    const error = failure(text)
    expect(error.message).toMatch(message)
    expect([error.reason, error.offset]).toEqual([reason, offset])
  })

  it('finds the first invalid byte anywhere', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(0x80, 0xff, 0xc3),
        (a, b, byte) => {
          const before = encode(a)
          expect(failure(Uint8Array.from([...before, byte, 0x20, ...encode(b)]))).toMatchObject({
            reason: 'utf8',
            offset: before.length,
          })
        },
      ),
    )
  })

  it('refuses a document that is deeper than the limit, and none that is not', () => {
    const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(scanJsonObject(encode(nested(256))).has('a')).toBe(true)
    expect(failure(nested(257))).toMatchObject({ reason: 'depth', offset: 5 + 255 })
    expect(scanJsonObject(encode('{"a":[{"b":1}]}'), { maxDepth: 3 }).has('a')).toBe(true)
    expect(failure('{"a":[{"b":[]}]}', { maxDepth: 3 })).toMatchObject({ reason: 'depth', offset: 11 })
    expect(scanJsonObject(encode('{"a":[],"b":[]}'), { maxDepth: 2 }).has('b')).toBe(true)
    expect(scanJsonObject(encode('{"a":1}'), { maxDepth: 1 }).has('a')).toBe(true)
    expect(failure('{}', { maxDepth: 0 })).toMatchObject({ reason: 'depth', offset: 0 })
  })

  it('walks any depth that is allowed without using up the stack', () => {
    const depth = 200_000
    const text = `{"a":${'[{"b":'.repeat(depth)}1${'}]'.repeat(depth)}}`
    expect(scanJsonObject(encode(text), { maxDepth: Infinity }).keys()).toEqual(['a'])
    expect(failure(text.slice(0, -2), { maxDepth: Infinity }).reason).toBe('syntax')
  })

  it('refuses a document that is longer than the limit before looking at it', () => {
    expect(scanJsonObject(encode('{"a":1}'), { maxBytes: 7 }).has('a')).toBe(true)
    expect(failure('{"a":1} ', { maxBytes: 7 })).toMatchObject({ reason: 'size', offset: 7 })
  })

  it('takes linear time for hostile documents', () => {
    for (const text of [
      `{"a":"${'\\"'.repeat(500_000)}"}`,
      `{"a":"${'\\\\'.repeat(500_000)}"}`,
      `{${'"a":1,'.repeat(200_000)}"a":1}`,
      `{"a":[${'"",'.repeat(300_000)}""]}`,
      `{"a":[${'"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",'.repeat(50_000)}"\\n"]}`,
      `{"a":${' \n'.repeat(500_000)}1}`,
      `{"a":1${'0'.repeat(1_000_000)}}`,
    ]) {
      expect(scanJsonObject(encode(text)).keys()).toEqual(['a'])
    }
    expect(failure('\n'.repeat(1_000_000)).message).toMatch(/line 1000001, column 1/)
    expect(failure(`{"a":"${'\\"'.repeat(500_000)}`).offset).toBe(1_000_006)
  })
})

describe('lists of numbers', () => {
  const pieces = [
    '0',
    '-0',
    '7',
    '-12',
    '1.5',
    '-0.25',
    '1e5',
    '2.5E-3',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '--1',
    ' 3',
    '4 ',
    '',
    'x',
  ]

  function expectAgreement(text: string): void {
    let parsed: { readonly a: readonly number[] } | undefined
    try {
      parsed = JSON.parse(text) as { readonly a: readonly number[] }
    } catch {
      parsed = undefined
    }
    const scan = () => scanJsonObject(new ByteRope(Buffer.from(text)))
    if (parsed === undefined) expect(scan).toThrow(JsonSyntaxError)
    else expect(scan().entries('a')).toBe(parsed.a.length)
  }

  it('are right exactly where JSON.parse takes them, and all of them are counted', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }), (numbers) =>
        expectAgreement(`{"a":[${numbers.join(',')}]}`),
      ),
    )
  })

  describe('left to vector instructions', () => {
    const before = 'x'.repeat(8192)
    const written = fc.oneof(
      { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 }).map(String) },
      { weight: 3, arbitrary: fc.integer().map(String) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('0', '-0', '1e-7', '2.5E+3', '0.0', `0.${'1'.repeat(90)}`, '9'.repeat(130)),
      },
    )
    const commas = fc.constantFrom(',', ',', ',', ', ', ',\n        ', ',\t', ' ,')
    const lists = fc
      .tuple(fc.array(fc.tuple(written, commas), { minLength: 1, maxLength: 40 }), written)
      .map(([all, last]) => `${all.map(([number, comma]) => number + comma).join('')}${last}`)

    it('are found right wherever they begin in a block', () => {
      fc.assert(
        fc.property(lists, fc.nat(63), (list, lead) =>
          expectAgreement(`{"b":"${before}${'y'.repeat(lead)}","a":[${list}]}`),
        ),
        { numRuns: runs(200) },
      )
    })

    it('are refused as JSON.parse refuses them, whatever is wrong and wherever it is', () => {
      const wrong = fc.constantFrom(
        '',
        ',',
        '.',
        '-',
        '0',
        '7',
        'e',
        ' ',
        ']',
        '[',
        '"',
        '\u0000',
        ',,',
        '.5.',
        '-0',
        '00',
      )
      fc.assert(
        fc.property(lists, fc.nat(63), fc.nat(), fc.nat(2), wrong, (list, lead, at, removed, text) => {
          const place = at % (list.length + 1)
          const broken = list.slice(0, place) + text + list.slice(place + removed)
          expectAgreement(`{"b":"${before}${'y'.repeat(lead)}","a":[${broken}]}`)
        }),
        { numRuns: runs(400) },
      )
    })

    it('are found in documents beyond what is kept in memory, one after the other', () => {
      const list = `${'0.125,'.repeat(800_000)}1`
      for (const end of ['', ',']) expectAgreement(`{"a":[${list}${end}]}`)
    })
  })
})
