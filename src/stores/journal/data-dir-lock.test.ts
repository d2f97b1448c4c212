/** The lock: one holder at a time, in this process or another, and none that outlives its process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataDirLockedError, lockDataDir } from './data-dir-lock.ts'

function folder(): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'lock-'))
  return { dir: join(dir, 'data'), [Symbol.dispose]: () => rmSync(dir, { recursive: true }) }
}

describe('data directory lock', () => {
  it('is held by one at a time and free again when disposed', () => {
    using temporary = folder()
    const first = lockDataDir(temporary.dir)
    expect(() => lockDataDir(temporary.dir)).toThrow(DataDirLockedError)
    expect(() => lockDataDir(temporary.dir)).toThrow(
      new RegExp(`in use by another gateway \\(process ${process.pid} on .*Stop it`),
    )
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    lockDataDir(temporary.dir)[Symbol.dispose]()
  })

  it('names the process that holds it, and is freed when that one is killed', async () => {
    using temporary = folder()
    const module = new URL('./data-dir-lock.ts', import.meta.url).href
    const script = `
      const { lockDataDir } = await import(${JSON.stringify(module)})
      globalThis.lock = lockDataDir(${JSON.stringify(temporary.dir)})
      process.stdout.write('held')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(() => lockDataDir(temporary.dir)).toThrow(`process ${child.pid} `)
    child.kill('SIGKILL')
    await once(child, 'exit')
    lockDataDir(temporary.dir)[Symbol.dispose]()
  })
})
