/**
 * Writes the heads of requests. What could make two requests of one is refused, whoever put it there. Most of what one origin is told is the same each
 * time, so a line is remembered with the value that it was checked for.
 */
import type { Outbound } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'

/** Methods with which nothing is sent are told no length. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE'])

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** In lower case alone: a `Content-Length` would pass by the names below and say another length than ours. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/
const forbiddenInPath = /[^\x21-\xff]/

/** Written by the connection itself, or not to be had on it. */
const own: ReadonlySet<string> = new Set(['transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'connection'])

/** Names whose lines are remembered. */
const mostNames = 64

interface Line {
  readonly value: string
  readonly text: string
}

/** Of one origin. */
export class RequestHeads {
  readonly #host: string
  readonly #known = new Map<string, Line>()

  /** `host` as the header has it. */
  constructor(host: string) {
    this.#host = host
  }

  /** In latin1, with the empty line. Throws a TransportError that names the header, and never its value. */
  write({ method, path, headers }: Outbound, length: number): string {
    if (!token.test(method)) throw invalid('the method of the request is not valid')
    if (!path.startsWith('/') || forbiddenInPath.test(path)) throw invalid('the path of the request is not valid')
    let lines = ''
    let host = this.#host
    for (const name in headers) {
      const value = headers[name]
      if (value === undefined) continue
      const known = this.#known.get(name)
      if (known?.value === value) {
        lines += known.text
        continue
      }
      if (!headerName.test(name) || forbiddenInValue.test(value))
        throw invalid(`the header ${nameable(name)} is not valid`)
      if (name === 'host') host = value
      else if (name === 'content-length') {
        if (value !== String(length)) throw invalid('the content-length is not that of the body')
      } else if (own.has(name)) throw invalid(`the header ${name} is not for a request to say`)
      else {
        const text = `${name}: ${value}\r\n`
        lines += text
        if (known !== undefined || this.#known.size < mostNames) this.#known.set(name, { value, text })
      }
    }
    const told = length > 0 || !bodiless.has(method) ? `content-length: ${length}\r\n` : ''
    return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines}${told}\r\n`
  }
}

const nameable = (name: string): string => (token.test(name) ? name : 'with a name that is none')

const invalid = (message: string): TransportError => new TransportError('malformed', message)
