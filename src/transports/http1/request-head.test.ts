/** No header, path or method makes two requests of one. */
import { describe, expect, it } from 'vitest'
import type { Outbound } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'
import { RequestHeads } from './request-head.ts'

const outbound = (over: Partial<Outbound>): Outbound => ({
  method: 'POST',
  origin: 'http://h',
  path: '/v1/x?y=1',
  headers: {},
  body: null,
  ...over,
})
const head = (over: Partial<Outbound>, length = 0): string => new RequestHeads('h:80').write(outbound(over), length)

describe('the head of a request', () => {
  it('tells host, headers and the length of its body', () => {
    expect(head({ headers: { authorization: 'Bearer ü' } }, 12)).toBe(
      'POST /v1/x?y=1 HTTP/1.1\r\nhost: h:80\r\nconnection: keep-alive\r\nauthorization: Bearer ü\r\ncontent-length: 12\r\n\r\n',
    )
  })

  it('has a length where there may be a body, and none where there is none', () => {
    expect(head({ method: 'POST' })).toContain('content-length: 0')
    expect(head({ method: 'GET' })).not.toContain('content-length')
    expect(head({ method: 'DELETE' }, 2)).toContain('content-length: 2')
  })

  it('takes a host and a length of the caller’s own, where that length is right', () => {
    expect(head({ headers: { host: 'signed.example', 'content-length': '3' } }, 3)).toBe(
      'POST /v1/x?y=1 HTTP/1.1\r\nhost: signed.example\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\n',
    )
  })

  it.each<[string, Partial<Outbound>]>([
    ['a line end in a value', { headers: { 'x-a': 'secret\r\nx-b: 1' } }],
    ['a line feed in a value', { headers: { 'x-a': 'secret\nx-b: 1' } }],
    ['a null in a value', { headers: { 'x-a': 'secret\0' } }],
    ['a character beyond latin1', { headers: { 'x-a': 'secret Ċ' } }],
    ['a line end in a host', { headers: { host: 'secret\r\nx: 1' } }],
    ['a name with a colon', { headers: { 'a:b': 'secret' } }],
    ['an empty name', { headers: { '': 'secret' } }],
    ['a length in other letters', { headers: { 'Content-Length': '5' } }],
    ['a length that is another', { headers: { 'content-length': '5' } }],
    ['chunks', { headers: { 'transfer-encoding': 'chunked' } }],
    ['an end of the connection', { headers: { connection: 'close' } }],
    ['another protocol', { headers: { upgrade: 'websocket' } }],
    ['a wait for permission', { headers: { expect: '100-continue' } }],
    ['a blank in the path', { path: '/a HTTP/1.1' }],
    ['a line end in the path', { path: '/a\r\nx: secret' }],
    ['a path that is a whole address', { path: 'http://elsewhere/' }],
    ['a blank in the method', { method: 'GET /x' }],
  ])('is refused with %s, and what is said of it tells no value', (_what, over) => {
    const refused = (): string => head(over, 3)
    expect(refused).toThrow(TransportError)
    expect(refused).not.toThrow(/secret/)
  })

  it('is looked at anew wherever it says another thing than the one before', () => {
    const heads = new RequestHeads('h')
    const told = (value: string): string => heads.write(outbound({ headers: { 'x-a': value, 'x-b': 'same' } }), 0)
    expect(told('one')).toContain('\r\nx-a: one\r\nx-b: same\r\n')
    expect(told('one')).toContain('\r\nx-a: one\r\nx-b: same\r\n')
    expect(() => told('one\r\nx-c: 1')).toThrow(TransportError)
    expect(told('two')).toContain('\r\nx-a: two\r\nx-b: same\r\n')
  })
})
