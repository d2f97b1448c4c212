/** A head written in one piece is the head that Node itself would have written. */
import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeHead } from './write-head.ts'

type Answer = (response: ServerResponse) => void

let answer: Answer = () => undefined
const server = createServer((_request, response) => {
  response.sendDate = false
  answer(response)
})

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    }),
)
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function ask(how: Answer, headers: Record<string, string> = {}): Promise<{ message: IncomingMessage; body: string }> {
  answer = how
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    request({ port, headers, agent: false }, (message) => {
      let body = ''
      message.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      message.on('end', () => resolve({ message, body }))
    })
      .on('error', reject)
      .end()
  })
}

const named = ['content-type', 'application/json', 'x-request-id', 'a b', 'x-empty', '', 'retry-after', '1']
const cases: readonly [string, number, readonly string[]][] = [
  ['of a known length', 200, [...named, 'content-length', '2']],
  ['of unknown length', 200, named],
  ['that closes the connection', 200, [...named, 'connection', 'close']],
  ['of another status', 202, [...named, 'content-length', '2']],
]

describe('the head of an answer', () => {
  it.each(cases)('%s is that of Node', async (_name, status, headers) => {
    for (const connection of ['keep-alive', 'close']) {
      const own = await ask(
        (response) => {
          writeHead(response, status, headers)
          response.end('ok')
        },
        { connection },
      )
      const nodes = await ask(
        (response) => {
          response.writeHead(status, headers as string[])
          response.end('ok')
        },
        { connection },
      )
      expect(own.body).toBe('ok')
      expect(own.message.statusCode).toBe(status)
      expect(own.message.statusMessage).toBe(nodes.message.statusMessage)
      expect(own.message.headers).toEqual(nodes.message.headers)
    }
  })

  it('takes no line break in a value', async () => {
    const { message } = await ask((response) => {
      expect(() => writeHead(response, 200, ['x-model', 'a\r\nset-cookie: b'])).toThrow('x-model')
      response.writeHead(500).end()
    })
    expect(message.statusCode).toBe(500)
  })

  it('is written once', async () => {
    const { body } = await ask((response) => {
      writeHead(response, 200, ['content-length', '2'])
      expect(response.headersSent).toBe(true)
      expect(() => writeHead(response, 200, [])).toThrow('headers')
      response.end('ok')
    })
    expect(body).toBe('ok')
  })
})
