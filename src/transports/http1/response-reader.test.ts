/** Answers are read the same however their bytes were cut, and whatever could be read in two ways is not read at all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedAnswer } from './response-head.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseReader } from './response-reader.ts'

const maxHead = 4096

interface Read {
  heads: Pick<ResponseHead, 'status' | 'headers' | 'keepAlive'>[]
  body: string
  /** Bytes that belonged to the answer. */
  taken: number
  done: boolean
  malformed: boolean
}

/** Reads the pieces as a connection would: each from memory that is overwritten afterwards. */
function read(pieces: readonly Buffer[], isHead = false): Read {
  const result: Read = { heads: [], body: '', taken: 0, done: false, malformed: false }
  const reader = new ResponseReader(
    {
      onHead: ({ status, headers, keepAlive }) => result.heads.push({ status, headers, keepAlive }),
      onBody: (bytes) => (result.body += bytes.toString('latin1')),
    },
    maxHead,
  )
  reader.begin(isHead)
  try {
    for (const piece of pieces) {
      const memory = Buffer.from(piece)
      const taken = reader.push(memory)
      memory.fill(0)
      result.taken += taken
      if (reader.isDone) break
    }
  } catch (error) {
    if (!(error instanceof MalformedAnswer)) throw error
    result.malformed = true
  }
  result.done = reader.isDone
  return result
}

const readText = (text: string, isHead = false): Read => read([Buffer.from(text, 'latin1')], isHead)

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end))
}

const single = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))

const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 80,
})
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).map((name) => `x-${name}`)
const value = fc.stringMatching(/^([!-~\x80-\xff]([\t -~\x80-\xff]{0,20}[!-~\x80-\xff])?)?$/)
const blanks = fc.stringMatching(/^[\t ]{0,3}$/)
const lines = fc.array(fc.tuple(word, blanks, value, blanks), { maxLength: 4 })
const linesOf = (list: readonly (readonly string[])[]): string =>
  list.map(([name, before, content, after]) => `${name}:${before}${content}${after}\r\n`).join('')

const chunk = fc.tuple(
  text.filter((data) => data !== ''),
  fc.stringMatching(/^(;[a-z]{1,5}(=[a-z0-9"]{0,8})?)?$/),
  fc.boolean(),
)

/** An answer, what its body is, and whether it says its own end. */
const answer = fc
  .record({
    interim: fc.array(lines, { maxLength: 2 }),
    status: fc.constantFrom(200, 201, 404, 429, 503),
    lines,
    framing: fc.oneof(
      text.map((body) => ({ header: `content-length: ${body.length}\r\n`, body, wire: body })),
      fc.tuple(fc.array(chunk, { maxLength: 5 }), lines).map(([chunks, trailers]) => ({
        header: 'Transfer-Encoding: Chunked\r\n',
        body: chunks.map(([data]) => data).join(''),
        wire: `${chunks
          .map(([data, extension, upper]) => {
            const size = data.length.toString(16)
            return `${upper ? size.toUpperCase() : `0${size}`}${extension}\r\n${data}\r\n`
          })
          .join('')}0\r\n${linesOf(trailers)}\r\n`,
      })),
    ),
  })
  .map(({ interim, status, lines: own, framing }) => {
    const before = interim.map((list) => `HTTP/1.1 103 Early\r\n${linesOf(list)}\r\n`).join('')
    const wire = `${before}HTTP/1.1 ${status} Whatever\r\n${linesOf(own)}${framing.header}\r\n${framing.wire}`
    return { status, own, body: framing.body, bytes: Buffer.from(wire, 'latin1') }
  })

const places = fc.array(fc.nat(), { maxLength: 12 })

describe('an answer', () => {
  it('is read the same however it was cut, and no byte of what follows is taken for a part of it', () => {
    fc.assert(
      fc.property(answer, places, ({ status, own, body, bytes }, cuts) => {
        const followed = Buffer.concat([bytes, Buffer.from('HTTP/1.1 200 NEXT\r\n\r\n')])
        for (const pieces of [[followed], cut(followed, cuts), single(followed)]) {
          const result = read(pieces)
          expect(result).toMatchObject({ body, taken: bytes.length, done: true, malformed: false })
          expect(result.heads.map((head) => head.status)).toEqual([status])
          for (const [name] of own)
            expect(result.heads[0]?.headers[name]).toBe(
              own
                .filter(([other]) => other === name)
                .map(([, , content]) => content)
                .join(', '),
            )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('with a byte that is wrong comes to the same however it was cut, and to nothing worse than being malformed', () => {
    fc.assert(
      fc.property(answer, fc.nat(), fc.nat(255), places, ({ bytes }, place, byte, cuts) => {
        const wrong = Buffer.from(bytes)
        wrong[place % wrong.length] = byte
        const whole = read([wrong])
        for (const pieces of [cut(wrong, cuts), single(wrong)]) {
          const result = read(pieces)
          expect(result.malformed).toBe(whole.malformed)
          if (!whole.malformed) expect(result).toEqual(whole)
        }
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    [
      'no body, whatever its length says, when only the head was asked for',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n',
      true,
    ],
    ['no body by its status, 204', 'HTTP/1.1 204 No Content\r\n\r\n', false],
    ['no body by its status, 304', 'HTTP/1.1 304 Not Modified\r\n\r\n', false],
    ['a length of nothing', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', false],
  ])('has %s', (_what, wire, isHead) => {
    expect(readText(wire, isHead)).toMatchObject({ done: true, body: '', heads: [{ keepAlive: true }] })
  })

  it.each([
    ['204 with a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n'],
    ['304 with chunks', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a connection that closes', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: Keep-Alive, Close\r\n\r\n'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ])('leaves its connection to nobody: %s', (_what, wire) => {
    expect(readText(wire)).toMatchObject({ done: true, heads: [{ keepAlive: false }] })
  })

  it('of HTTP/1.0 that says so leaves its connection to the next', () => {
    const wire = 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\nConnection: keep-alive\r\n\r\n'
    expect(readText(wire).heads).toMatchObject([{ keepAlive: true }])
  })

  it('keeps names that every object has apart from those of its headers', () => {
    const wire = 'HTTP/1.1 200 OK\r\nconstructor: a\r\n__proto__: b\r\ntoString: c\r\ncontent-length: 0\r\n\r\n'
    const told = Object.entries(readText(wire).heads[0]?.headers ?? {})
    expect(told).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['tostring', 'c'],
      ['content-length', '0'],
    ])
  })

  it('with rows of blanks as long as its head may be is read in one look', () => {
    const row = ' '.repeat(4000)
    for (const line of [`x:${row}\x01`, `x: a${row}b`, `x:${row}`]) readText(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`)
    expect(readText(`HTTP/1.1 200 OK\r\nx: a${row}\r\ncontent-length: 0\r\n\r\n`).heads[0]?.headers['x']).toBe('a')
  })

  it('may have a head of exactly the length that is allowed, cut anywhere', () => {
    const head = (length: number): Buffer => {
      const start = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: '
      return Buffer.from(`${start}${'a'.repeat(length - start.length)}\r\n\r\n`)
    }
    for (const pieces of [[head(maxHead)], single(head(maxHead))]) expect(read(pieces).done).toBe(true)
    for (const pieces of [[head(maxHead + 1)], single(head(maxHead + 1))]) expect(read(pieces).malformed).toBe(true)
  })

  it('may have an extension at each chunk, as signed bodies do, but none that does not end', () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
    const signed = `1;chunk-signature=${'a'.repeat(64)}\r\nx\r\n`.repeat(500)
    expect(readText(`${head}${signed}0\r\n\r\n`)).toMatchObject({ done: true, body: 'x'.repeat(500) })
    expect(readText(`${head}1;${'a'.repeat(5000)}\r\nx\r\n0\r\n\r\n`).malformed).toBe(true)
  })
})

describe('an answer that two readers could read differently is malformed:', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  it.each([
    ['a length and chunks', `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`],
    ['the same length twice', `${ok}content-length: 5\r\ncontent-length: 5\r\n\r\nabcde`],
    ['a length with a sign', `${ok}content-length: +5\r\n\r\nabcde`],
    ['a length below nothing', `${ok}content-length: -1\r\n\r\n`],
    ['a hexadecimal length', `${ok}content-length: 0x5\r\n\r\nabcde`],
    ['a length beyond exact numbers', `${ok}content-length: 99999999999999999999\r\n\r\n`],
    ['an empty length', `${ok}content-length:\r\n\r\n`],
    ['chunks that are also compressed', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a line that goes on with the one before', `${ok}x: a\r\n content-length: 5\r\ncontent-length: 0\r\n\r\n`],
    ['a line that begins with a tab', `${ok}\tx: a\r\n\r\n`],
    ['a blank before the colon', `${ok}content-length : 5\r\n\r\nabcde`],
    ['no name', `${ok}: a\r\n\r\n`],
    ['a null in a value', `${ok}x: a\0b\r\n\r\n`],
    ['a carriage return in a value', `${ok}x: a\rb: c\r\n\r\n`],
    ['lines that end in a line feed alone', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'],
    ['one line that ends in a line feed alone', `${ok}x: a\ncontent-length: 0\r\n\r\n`],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['an empty line before it', `\r\n${ok}\r\n`],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['another protocol from here on', 'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n'],
    ['a chunk without a size', `${ok}transfer-encoding: chunked\r\n\r\n\r\nabc\r\n`],
    ['a chunk with a size and a blank', `${ok}transfer-encoding: chunked\r\n\r\n3 \r\nabc\r\n`],
    ['a chunk with a 0x', `${ok}transfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n`],
    ['a chunk longer than its size', `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n`],
    ['a chunk with a size beyond exact numbers', `${ok}transfer-encoding: chunked\r\n\r\nffffffffffffff\r\n`],
    ['a size that ends in a line feed alone', `${ok}transfer-encoding: chunked\r\n\r\n3\nabc\r\n`],
    ['a chunk that ends in a line feed alone', `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n`],
    ['a line feed in an extension', `${ok}transfer-encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n`],
    ['a trailer that is none', `${ok}transfer-encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n`],
    ['a trailer that ends in a line feed alone', `${ok}transfer-encoding: chunked\r\n\r\n0\r\na: b\n\r\n`],
    ['trailers without end', `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(1000)}`],
  ])('%s', (_what, wire) => {
    const bytes = Buffer.from(wire, 'latin1')
    expect(read([bytes]).malformed).toBe(true)
    expect(read(single(bytes)).malformed).toBe(true)
  })
})
