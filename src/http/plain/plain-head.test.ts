/** What is plain is read as Node would read it, and what is anything else is left to Node. */
import { describe, expect, it } from 'vitest'
import { HeaderReader } from '../../bytes/header-lines.ts'
import { readPlainHead } from './plain-head.ts'

const lines = [
  'host: gateway',
  'content-length: 12',
  'Content-Type:  application/json \t',
  'x-empty:',
  'x-name: gru\xdfe',
]
const head = (first: string, ...rest: readonly string[]): string => [first, ...rest, ''].join('\r\n')
const plain = (...more: readonly string[]): string => head('POST /v1/messages?beta=true HTTP/1.1', ...lines, ...more)

describe('the head of a plain request', () => {
  it('is read', () => {
    expect(readPlainHead(plain('Connection: Keep-Alive', '__proto__: x'), new HeaderReader('refused'))).toEqual({
      url: '/v1/messages?beta=true',
      length: 12,
      headers: Object.assign(Object.create(null) as object, {
        host: 'gateway',
        'content-length': '12',
        'content-type': 'application/json',
        'x-empty': '',
        'x-name': 'gru\xdfe',
        connection: 'Keep-Alive',
        ['__proto__']: 'x',
      }),
    })
  })

  it.each([
    ['another method', plain().replace('POST', 'GET')],
    ['HTTP/1.0', plain().replace('1.1', '1.0')],
    ['a target with its host', plain().replace('/v1', 'http://gateway/v1')],
    ['a target that is not ASCII', plain().replace('messages', 'm\xe4')],
    ['two spaces in the first line', plain().replace(' HTTP', '  HTTP')],
    ['no host', plain().replace('host: gateway\r\n', '')],
    ['no length', plain().replace('content-length: 12\r\n', '')],
    ['a length that is no number', plain().replace('12', '0x12')],
    ['a length with a sign', plain().replace('12', '+12')],
    ['a length beyond all numbers', plain().replace('12', '1'.repeat(16))],
    ['two lengths', plain('Content-Length: 12')],
    ['a name that comes twice', plain('x-name: again')],
    ['chunks', plain('transfer-encoding: chunked')],
    ['a wish to wait', plain('expect: 100-continue')],
    ['another protocol', plain('upgrade: h2c')],
    ['a connection that is to end', plain('connection: close')],
    ['a connection with options', plain('connection: keep-alive, upgrade')],
    ['a space before the colon', plain('x-a : b')],
    ['a folded line', plain('x-a: b', ' c')],
    ['a line without a name', plain(': b')],
    ['a line that is no header', plain('hello')],
    ['a bare line feed', plain('x-a: b\nx-c: d')],
    ['a bare carriage return', plain('x-a: b\rx-c: d')],
    ['a NUL', plain('x-a: \0')],
  ])('%s is not plain', (_what, text) => expect(readPlainHead(text, new HeaderReader('refused'))).toBeUndefined())
})
