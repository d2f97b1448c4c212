/** A large file goes through a gateway in a process of its own, whose memory is watched from outside: nobody holds the file. */
import { readFileSync, readdirSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { thorough } from '../../src/kernel/testing/depth.ts'
import { newPlace } from '../cli/command-line.ts'
import { boundary, formOf, wavOf } from '../harness/forms.ts'
import type { FormPart } from '../harness/forms.ts'
import { clientKey } from '../harness/gateway.ts'
import { listen } from '../harness/upstream.ts'

const size = (thorough ? 300 : 120) << 20
const most = 50 << 20
/** On a machine that is busy with other tests the collector comes late at times: then another process shows what is usual. */
const tries = { timeout: 120_000, retry: 2 }

/** Bytes of physical memory that the process has ever had at once. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

it.runIf(process.platform === 'linux')(
  `takes ${size >> 20} MiB with less than ${most >> 20} MiB of memory`,
  tries,
  async () => {
    let received = 0
    const provider = createServer((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => void (received += chunk.length))
      incoming.on('end', () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"remote","text":"Hello."}'),
      )
    })
    const port = await listen(provider)
    using place = newPlace()
    place.write(
      'sluicegate.yaml',
      `
server: { port: 0 }
data: { dir: ./data }
providers: { own: { use: openai-compatible, base_url: "http://127.0.0.1:${port}/v1" } }
keys: [{ name: test, secret: ${clientKey}, models: ["*"] }]`,
    )
    const gateway = place.start(['serve'])
    try {
      const url = (await gateway.seen(/http:\/\/127\.0\.0\.1:\d+/))[0]
      const pid = gateway.process.pid ?? 0
      // The process is cold: all that the first request of its kind loads is in it, too.
      const before = peakOf(pid)
      expect(await upload(url, size)).toBe(200)
      expect(received).toBeGreaterThan(size)
      expect(peakOf(pid) - before).toBeLessThan(most)
      expect(readdirSync(join(place.dir, 'data', 'spool'))).toEqual([])
      // The same with a file that is kept, and sent on to a provider from there.
      received = 0
      const fields = [
        { name: 'purpose', value: 'user_data' },
        { name: 'provider', value: 'own' },
      ]
      expect(await upload(url, size, '/v1/files', fields)).toBe(200)
      expect(received).toBeGreaterThan(size)
      expect(peakOf(pid) - before).toBeLessThan(most)
      expect(readdirSync(join(place.dir, 'data', 'files', 'content'))).toEqual([])
    } finally {
      gateway.process.kill('SIGTERM')
      await gateway.ended()
      provider.close()
      provider.closeAllConnections()
    }
  },
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
