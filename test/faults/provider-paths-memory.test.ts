/** Hundreds of megabytes through the gateway, up and down, in a process of its own: what it holds of them stays small. */
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { thorough } from '../../src/kernel/testing/depth.ts'
import { newPlace } from '../cli/command-line.ts'
import type { Place, Running } from '../cli/command-line.ts'
import { clientKey } from '../harness/gateway.ts'
import { listen } from '../harness/upstream.ts'

const megabyte = 1 << 20
const total = (thorough ? 300 : 120) * megabyte
const piece = Buffer.alloc(64 * 1024, 'x')

let provider: Server
let place: Place
let gateway: Running
let url: string

beforeAll(async () => {
  provider = createServer((asked, response) => {
    if (asked.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(total) })
      void pour(response)
      return
    }
    void counted(asked).then((bytes) => response.end(JSON.stringify({ bytes })))
  })
  const port = await listen(provider)
  place = newPlace()
  place.write(
    'sluicegate.yaml',
    `server: { port: 0 }
providers:
  openai: { base_url: "http://127.0.0.1:${port}/v1", credentials: k, pass_through: { enabled: true } }
keys: [{ name: test, secret: ${clientKey} }]`,
  )
  gateway = place.start(['serve'])
  url = (await gateway.seen(/http:\/\/127\.0\.0\.1:\d+/))[0]
})
afterAll(async () => {
  gateway.process.kill()
  await gateway.ended()
  provider.closeAllConnections()
  provider.close()
  place[Symbol.dispose]()
})

/** Bytes that the gateway's process has in memory. */
const resident = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.process.pid ?? 0}/status`, 'utf8'))?.[1]) * 1024

interface Taking {
  write(piece: Buffer): boolean
  once(event: 'drain', listener: () => void): unknown
  end(): unknown
}

async function pour(into: Taking, bytes = total, seen = (): void => {}): Promise<void> {
  for (let given = 0; given < bytes; given += piece.length) {
    if (given % (8 * megabyte) === 0) seen()
    if (!into.write(piece)) {
      await new Promise<void>((resolve) => {
        into.once('drain', resolve)
      })
    }
  }
  into.end()
}

async function counted(message: IncomingMessage, seen = (): void => {}): Promise<number> {
  let bytes = 0
  let looked = 0
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length
    if (bytes - looked < 8 * megabyte) continue
    looked = bytes
    seen()
  }
  return bytes
}

async function ask(method: string, bytes: number, seen: () => void): Promise<string> {
  const headers = { authorization: `Bearer ${clientKey}`, ...(bytes > 0 && { 'content-length': String(bytes) }) }
  const asked = request(`${url}/openai/v1/files`, { method, headers })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject)
  })
  await pour(asked, bytes, seen)
  const response = await answered
  expect(response.statusCode).toBe(200)
  if (method === 'GET') return String(await counted(response, seen))
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

it.runIf(process.platform === 'linux')(
  `takes ${total / megabyte} MB up and ${total / megabyte} MB down in less than 50 MB`,
  async () => {
    const before = resident()
    let most = before
    const seen = (): void => {
      most = Math.max(most, resident())
    }
    expect(await ask('POST', total, seen)).toBe(JSON.stringify({ bytes: total }))
    const up = most - before
    expect(await ask('GET', 0, seen)).toBe(String(total))
    const both = most - before
    expect(up).toBeLessThan(50e6)
    expect(both).toBeLessThan(50e6)
  },
)
