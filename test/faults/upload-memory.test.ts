/** A large file goes through a gateway in a process of its own, whose memory is watched from outside: nobody holds the file. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { boundary, formOf, wavOf } from '../harness/forms.ts'
import type { FormPart } from '../harness/forms.ts'
import { clientKey } from '../harness/gateway.ts'
import { listen } from '../harness/upstream.ts'

const size = 300 << 20
const most = 50 << 20
const warmUp = 64 << 20

/** Bytes of physical memory that the process has ever had at once. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

it.runIf(process.platform === 'linux')(
  `takes ${size >> 20} MiB with less than ${most >> 20} MiB of memory`,
  async () => {
    let received = 0
    const provider = createServer((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => void (received += chunk.length))
      incoming.on('end', () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"remote","text":"Hello."}'),
      )
    })
    const port = await listen(provider)
    const dir = mkdtempSync(join(tmpdir(), 'sluicegate-test-'))
    writeFileSync(
      join(dir, 'sluicegate.yaml'),
      `
server: { port: 0 }
data: { dir: ./data }
providers: { own: { use: openai-compatible, base_url: "http://127.0.0.1:${port}/v1" } }
keys: [{ name: test, secret: ${clientKey}, models: ["*"] }]`,
    )
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
    const gateway = spawn(process.execPath, [main, 'serve', '--config', join(dir, 'sluicegate.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    })
    const exited = new Promise<void>((resolve) => {
      gateway.on('exit', () => resolve())
    })
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let said = ''
        for (const stream of [gateway.stdout, gateway.stderr])
          stream.on('data', (chunk: Buffer) => {
            said += chunk.toString()
            const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
            if (found !== null) resolve(found[0])
          })
        gateway.on('exit', () => reject(new Error(`the gateway ended: ${said}`)))
      })
      // What V8 lets lie about before it collects (64 MiB of buffers) comes with any upload, and does not grow with it.
      expect(await upload(url, warmUp)).toBe(200)
      const before = peakOf(gateway.pid ?? 0)
      expect(await upload(url, size)).toBe(200)
      expect(received).toBeGreaterThan(size)
      expect(peakOf(gateway.pid ?? 0) - before).toBeLessThan(most)
      expect(readdirSync(join(dir, 'data', 'spool'))).toEqual([])
      // The same with a file that is kept, and sent on to a provider from there.
      received = 0
      const fields = [
        { name: 'purpose', value: 'user_data' },
        { name: 'provider', value: 'own' },
      ]
      expect(await upload(url, size, '/v1/files', fields)).toBe(200)
      expect(received).toBeGreaterThan(size)
      expect(peakOf(gateway.pid ?? 0) - before).toBeLessThan(most)
      expect(readdirSync(join(dir, 'data', 'files', 'content'))).toEqual([])
    } finally {
      gateway.kill('SIGTERM')
      await exited
      provider.close()
      provider.closeAllConnections()
      rmSync(dir, { recursive: true, force: true })
    }
  },
  120_000,
)

/** Sends so many bytes of silence, made while they are sent. */
async function upload(
  url: string,
  bytes: number,
  path = '/v1/audio/transcriptions',
  fields: readonly FormPart[] = [{ name: 'model', value: 'own/whisper' }],
): Promise<number> {
  const [before, after] = formOf([...fields, { name: 'file', value: '@', file: 'a.wav', type: 'audio/wav' }])
    .toString('latin1')
    .split('@')
  const silence = Buffer.alloc(1 << 20)
  const head = wavOf(1).subarray(0, 44)
  const request = httpRequest(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${clientKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': (before ?? '').length + head.length + bytes + (after ?? '').length,
    },
  })
  const answered = new Promise<number>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
  })
  request.write(Buffer.from(before ?? '', 'latin1'))
  request.write(head)
  for (let left = bytes; left > 0; left -= silence.length) {
    if (!request.write(silence.subarray(0, Math.min(left, silence.length))))
      await new Promise<void>((resolve) => {
        request.once('drain', resolve)
      })
  }
  request.end(Buffer.from(after ?? '', 'latin1'))
  return answered
}
