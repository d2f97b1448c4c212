/** A client of HTTP that says what it is told to, byte for byte, and sees what comes back: for requests that no library would send. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface RawResponse {
  readonly status: number
  /** Lower-case names; of repeated ones the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface RawClient extends AsyncDisposable {
  readonly socket: Socket
  /** Everything received that no `response` has taken. */
  readonly received: Buffer
  send(bytes: string | Uint8Array): void
  /** The next whole response; fails when the connection ends before it. */
  response(): Promise<RawResponse>
  /** Resolves with all that was received once it matches; fails when the connection ends before. */
  until(pattern: RegExp): Promise<string>
  /** Resolves when the connection is closed from both sides. */
  readonly closed: Promise<void>
}

/** `allowHalfOpen` lets the test close its own side first. */
export async function rawClient(url: string, { allowHalfOpen = false } = {}): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen, noDelay: true })
  let received = Buffer.alloc(0)
  let over = false
  let wake: (() => void)[] = []
  const changed = (): void => {
    const woken = wake
    wake = []
    for (const callback of woken) callback()
  }
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    changed()
  })
  const finish = (): void => {
    over = true
    changed()
  }
  socket.on('end', finish)
  socket.on('error', finish)
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      finish()
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })

  /** Tries again with every piece that arrives. */
  async function when<T>(what: string, read: (ended: boolean) => T | undefined): Promise<T> {
    for (;;) {
      const found = read(over)
      if (found !== undefined) return found
      if (over)
        throw new Error(
          `the connection ended before ${what}; it had said: ${received.toString('latin1').slice(0, 2000)}`,
        )
      await new Promise<void>((resolve) => {
        wake.push(resolve)
      })
    }
  }

  return {
    socket,
    get received() {
      return received
    },
    send: (bytes) => void socket.write(bytes),
    response: () =>
      when('a whole response', (ended) => {
        const parsed = parseResponse(received, ended)
        if (parsed === undefined) return undefined
        received = received.subarray(parsed.length)
        return parsed.response
      }),
    until: (pattern) =>
      when(String(pattern), () => {
        const text = received.toString('latin1')
        return pattern.test(text) ? text : undefined
      }),
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await closed
    },
  }
}

function parseResponse(bytes: Buffer, ended: boolean): { response: RawResponse; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1])
  const start = headEnd + 4
  // An interim answer is not the answer.
  if (status === 100) {
    const next = parseResponse(bytes.subarray(start), ended)
    return next && { response: next.response, length: next.length + start }
  }
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const body = (from: number, to: number) => ({
    response: { status, headers, body: bytes.subarray(from, to) },
    length: to,
  })
  const announced = headers['content-length']
  if (announced !== undefined) {
    const end = start + Number(announced)
    return bytes.length < end ? undefined : body(start, end)
  }
  if (headers['transfer-encoding'] === 'chunked') {
    const chunks = dechunk(bytes, start)
    return chunks && { response: { status, headers, body: chunks.body }, length: chunks.end }
  }
  return ended ? body(start, bytes.length) : undefined
}

function dechunk(bytes: Buffer, from: number): { body: Buffer; end: number } | undefined {
  const parts: Buffer[] = []
  let at = from
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (bytes.length < start + size + 2) return undefined
    if (size === 0) return { body: Buffer.concat(parts), end: start + 2 }
    parts.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
}

/** A request as text; `content-length` is set unless the headers name a length or an encoding of their own. */
export function rawRequest(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const framed = given.has('content-length') || given.has('transfer-encoding') || (body === '' && method !== 'POST')
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(given.has('host') ? [] : ['host: gateway']),
    ...(framed ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
