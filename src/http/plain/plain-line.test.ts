/**
 * A line of plain requests in front of Node's server: whoever answers, a client gets the same. Both answer with what they were asked,
 * and say in a header who it was.
 */
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawClient, rawRequest } from '../../../test/harness/raw-http.ts'
import type { Answer } from '../answer.ts'
import { readBody } from '../read-body.ts'
import { createPlainLine } from './plain-line.ts'

type Reply = (answer: Answer, body: string, by: string) => void

const echo: Reply = (answer, body, by) => {
  answer.writeHead(200, ['content-type', 'text/plain', 'content-length', String(Buffer.byteLength(body)), 'x-by', by])
  answer.end(Buffer.from(body))
}
let reply: Reply = echo
let served = 0

const server = createServer((request, response) => {
  void Promise.resolve(readBody(request, 1 << 20)).then((body) => {
    served += 1
    reply(response, textOf(body), 'node')
  })
})
server.keepAliveTimeout = 75_000
const nodes = server.listeners('connection') as ((socket: Socket) => void)[]
const line = createPlainLine({
  maxHead: 8192,
  times: { request: 60_000, first: 60_000, idle: 75_000 },
  checkEvery: 60_000,
  serve({ url }, body, answer) {
    if (url !== '/plain') return false
    void Promise.resolve(body.read(1 << 20)).then((bytes) => {
      served += 1
      reply(answer, textOf(bytes), 'line')
    })
    return true
  },
  handOver: (socket) => nodes.forEach((take) => take.call(server, socket)),
})
server.removeAllListeners('connection').on('connection', (socket: Socket) => line.take(socket))

const textOf = (body: Uint8Array | { whole(): Uint8Array }): string =>
  Buffer.from(body instanceof Uint8Array ? body : body.whole()).toString()

let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  line.close()
  server.closeAllConnections()
  server.close()
})

const post = (body: string, path = '/plain'): string => rawRequest('POST', path, {}, body)

describe('a plain request', () => {
  it('is read however it is cut, by the line or by Node, and the next one with it', async () => {
    const text = post('what is said') + post('and then')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 4 }), async (places) => {
        await using client = await rawClient(url)
        let from = 0
        for (const place of [...places.toSorted((a, b) => a - b), text.length]) {
          client.send(text.slice(from, place))
          from = place
          await turn()
        }
        expect((await client.response()).body.toString()).toBe('what is said')
        expect((await client.response()).body.toString()).toBe('and then')
      }),
      { numRuns: 60 },
    )
  })

  it('may be long, and its body come after it', async () => {
    const body = 'x'.repeat(300_000)
    await using client = await rawClient(url)
    const [head = '', rest = ''] = post(body).split(/(?<=\r\n\r\n)/)
    client.send(head)
    await turn()
    client.send(rest)
    const response = await client.response()
    expect(response.headers['x-by']).toBe('line')
    expect(response.body.toString()).toBe(body)
  })

  it('is followed by others on its connection, until one is not plain', async () => {
    await using client = await rawClient(url)
    const by: (string | undefined)[] = []
    for (const path of ['/plain', '/plain', '/other', '/plain']) {
      client.send(post(path, path))
      const response = await client.response()
      expect(response.body.toString()).toBe(path)
      by.push(response.headers['x-by'])
    }
    expect(by).toEqual(['line', 'line', 'node', 'node'])
  })

  it('waits for the answer to the one before it', async () => {
    const first = new Promise<() => void>((asked) => {
      reply = (...args) => asked(() => echo(...args))
    })
    await using client = await rawClient(url)
    client.send(post('first'))
    const release = await first
    reply = echo
    client.send(post('second').slice(0, 30))
    await turn()
    client.send(post('second').slice(30))
    await turn()
    release()
    expect((await client.response()).body.toString()).toBe('first')
    expect((await client.response()).body.toString()).toBe('second')
  })

  it('is not begun on a connection that is about to end', async () => {
    reply = (answer, body) => {
      answer.writeHead(200, ['content-length', '2', 'connection', 'close'])
      answer.end(Buffer.from(body))
      reply = echo
    }
    const before = served
    await using client = await rawClient(url)
    client.send(post('ok'))
    await client.response()
    client.send(post('late'))
    await client.closed
    expect(client.received.toString()).toBe('')
    expect(served).toBe(before + 1)
  })

  it('ends with its client', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const finished = new Promise<boolean>((resolve) => {
      reply = (answer) => {
        answer.on('close', () => resolve(answer.writableFinished))
        socket.destroy()
      }
    })
    socket.write(post('x'))
    expect(await finished).toBe(false)
    reply = echo
  })
})

describe('the answer of the line is that of Node', () => {
  const named = ['content-type', 'text/plain', 'x-request-id', 'a b', 'x-empty', '', 'retry-after', '1']
  const long = Buffer.alloc(100_000, 'y')
  it.each<[string, Reply]>([
    ['of a known length', (answer) => end(answer, 200, ['content-length', '2'], 'ok')],
    ['of a known length that is long', (answer) => end(answer, 200, ['content-length', String(long.length)], long)],
    ['of another status', (answer) => end(answer, 429, ['content-length', '2'], 'no')],
    ['that closes the connection', (answer) => end(answer, 200, ['connection', 'close', 'content-length', '2'], 'ok')],
    ['of no known length', (answer) => stream(answer, [])],
    ['in pieces', (answer) => stream(answer, ['a', Buffer.from('bc'), '', 'd\u00e9', long, 'f'])],
  ])('%s', async (_what, given) => {
    const answers = []
    for (const path of ['/plain', '/other']) {
      reply = given
      await using client = await rawClient(url)
      client.send(post('x', path))
      const { status, headers, body } = await client.response()
      answers.push({ status, headers: { ...headers, date: typeof headers['date'] }, body: body.toString() })
    }
    reply = echo
    expect(answers[0]).toEqual(answers[1])
  })

  function end(answer: Answer, status: number, headers: string[], body: string | Buffer): void {
    answer.writeHead(status, [...named, ...headers])
    answer.end(Buffer.from(body))
  }

  function stream(answer: Answer, pieces: (string | Buffer)[]): void {
    answer.writeHead(200, [...named])
    for (const piece of pieces) answer.write(piece)
    answer.end()
  }

  it.each([204, 304])('of status %i, which has no body whatever was given to it', async (status) => {
    const heads: string[] = []
    for (const path of ['/plain', '/other']) {
      reply = (answer) => end(answer, status, [], 'none')
      await using client = await rawClient(url)
      client.send(post('x', path))
      const head = await client.until(/\r\n\r\n$/)
      heads.push(head.toLowerCase().replace(/date: .*/, ''))
      reply = echo
      client.send(post('next', path))
      await client.until(/\r\n\r\nHTTP[^]*next$/)
    }
    expect(heads[0]?.split('\r\n').toSorted()).toEqual(heads[1]?.split('\r\n').toSorted())
  })

  it('takes no line break in a header, and no second head', async () => {
    const thrown: unknown[] = []
    reply = (answer) => {
      for (const headers of [
        ['x-model', 'a\r\nset-cookie: b'],
        ['content-length', '0'],
        ['x-late', 'c'],
      ])
        try {
          answer.writeHead(200, headers)
        } catch (error) {
          thrown.push(error)
        }
      answer.end()
    }
    await using client = await rawClient(url)
    client.send(post('x'))
    expect((await client.response()).headers['set-cookie']).toBeUndefined()
    expect(thrown.map(String)).toEqual([expect.stringContaining('x-model'), expect.stringContaining('have been sent')])
    reply = echo
  })
})
