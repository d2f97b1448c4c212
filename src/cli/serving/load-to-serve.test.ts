/** What the command line says about listening is obeyed, unless it would open the gateway to strangers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadToServe } from './load-to-serve.ts'

let cwd: string

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'load-'))
  writeFileSync(join(cwd, 'sluicegate.yaml'), 'providers: { sim: {} }\nserver: { port: 1234 }\n')
  writeFileSync(join(cwd, 'open.yaml'), 'providers: { sim: {} }\nauth: { required: false }\n')
})

afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('loadToServe', () => {
  it('puts host and port of the command line in the place of the file’s', () => {
    expect(loadToServe({}, { env: {}, cwd }).config.server).toMatchObject({ host: '127.0.0.1', port: 1234 })
    const given = loadToServe({ host: '0.0.0.0', port: 0 }, { env: {}, cwd })
    expect(given.config.server).toMatchObject({ host: '0.0.0.0', port: 0 })
  })

  it('does not let a gateway that asks for no keys be reached from other machines', () => {
    const open = (host: string) => () => loadToServe({ config: 'open.yaml', host }, { env: {}, cwd })
    for (const host of ['0.0.0.0', '::', '192.168.1.1', 'gateway.example'])
      expect(open(host)).toThrow(/without asking for keys/)
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(open(host)).not.toThrow()
  })
})
