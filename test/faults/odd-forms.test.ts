/** Forms of any parts in any order, good ones and wrong ones: each gets an answer that says what is wrong, and nothing of it stays behind. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../src/kernel/testing/depth.ts'
import { boundary, formOf, wavOf } from '../harness/forms.ts'
import type { FormPart } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway(
    'server: { port: 0, upload_limit: 4MiB, body_limit: 16KiB }\nproviders: { sim: {} }\nfiles: { max_file_size: 3MiB, max_files: 3 }',
  )
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** What is under way, on the disk. */
const lying = (): string[] =>
  ['spool', 'files/incoming'].flatMap((folder) => readdirSync(join(gateway.dir, 'data', folder)))

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const text = (name: string, value: string): FormPart => ({ name, value })
const file = (name: string, value: Uint8Array, type = 'application/octet-stream'): FormPart => ({
  name,
  value,
  file: 'a.bin',
  type,
})

const part = fc.constantFrom<FormPart>(
  text('model', 'sim/text'),
  text('model', ''),
  text('purpose', 'user_data'),
  text('purpose', 'fine-tune'),
  text('prompt', 'A fox.'),
  text('file', 'no file'),
  text('', 'nameless'),
  text('large', 'x'.repeat(20_000)),
  file('file', wavOf(1), 'audio/wav'),
  file('file', Buffer.alloc(0)),
  file('file', Buffer.alloc(1_500_000, 1)),
  file('file', Buffer.alloc(3_500_000, 1)),
  file('image', png, 'image/png'),
  file('image', Buffer.alloc(2_000_000, 2), 'image/png'),
  file('image[]', png, 'image/png'),
  file('mask', png, 'image/png'),
  file('other', png, 'image/png'),
)
const surfaces = ['/v1/audio/transcriptions', '/v1/images/edits', '/v1/files']

const asked = fc.record({
  path: fc.constantFrom(...surfaces),
  parts: fc.array(part, { maxLength: 6 }),
  /** The share of the form that is sent as if it were all of it. */
  share: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
})

async function ask(path: string, body: Buffer): Promise<{ status: number; text: string }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: new Uint8Array(body),
  })
  return { status: response.status, text: await response.text() }
}

describe('forms of any kind', () => {
  it('are answered, and leave nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 4 }), async (forms) => {
        const answers = await Promise.all(
          forms.map(({ path, parts, share }) => {
            const whole = formOf(parts)
            return ask(path, whole.subarray(0, Math.ceil(whole.length * share)))
          }),
        )
        for (const { status, text: told } of answers) {
          if (status === 200) continue
          expect([400, 403, 413, 415, 404]).toContain(status)
          expect(JSON.parse(told)).toMatchObject({ error: { message: expect.stringMatching(/\w.*\.$/s) } })
        }
        await gateway.idle()
        expect(lying()).toEqual([])
        const kept = (await (
          await fetch(`${gateway.url}/v1/files`, { headers: { authorization: `Bearer ${clientKey}` } })
        ).json()) as { data: { id: string }[] }
        for (const { id } of kept.data)
          await fetch(`${gateway.url}/v1/files/${id}`, {
            method: 'DELETE',
            headers: { authorization: `Bearer ${clientKey}` },
          })
      }),
      { numRuns: runs(150) },
    )
  }, 120_000)

  it.each([
    ['/v1/files', [text('purpose', 'user_data'), file('file', png), file('file', png)], 'more than one file as `file`'],
    ['/v1/audio/transcriptions', [text('model', 'sim/text'), file('file', wavOf(1)), file('file', wavOf(1))], '`file`'],
    ['/v1/files', [text('purpose', 'user_data'), file('other', png)], 'send it as `file`'],
    ['/v1/images/edits', [text('prompt', 'x'), file('mask', png), file('mask', png)], 'more than one file as `mask`'],
  ])('to %s with a file too many are told which', async (path, parts, told) => {
    const { status, text: said } = await ask(path, formOf(parts))
    expect([status, said]).toEqual([400, expect.stringContaining(told)])
    await gateway.idle()
    expect(lying()).toEqual([])
  })
})
