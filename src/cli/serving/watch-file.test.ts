/** Changes of a file are noticed however they are made, and only those. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchFile } from './watch-file.ts'

let dir: string
let changes = 0
let heard: (() => void) | undefined

const onChange = (): void => {
  changes += 1
  heard?.()
}

/** Resolves with the next change. */
const change = (): Promise<void> =>
  new Promise((resolve) => {
    heard = resolve
  })

const fail = (error: Error): void => {
  throw error
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watch-'))
  changes = 0
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('watchFile', () => {
  it('notices a file that is written in place, renamed over, removed, and made anew', async () => {
    const file = join(dir, 'a.yaml')
    writeFileSync(file, 'one')
    using _watching = watchFile(file, onChange, fail)
    let next = change()
    writeFileSync(file, 'twice')
    await next
    next = change()
    writeFileSync(join(dir, 'draft'), 'other')
    renameSync(join(dir, 'draft'), file)
    await next
    next = change()
    rmSync(file)
    await next
    next = change()
    writeFileSync(file, 'again')
    await next
    expect(changes).toBe(4)
  })

  it('notices when a link on the way to it is turned, as orchestrators do', async () => {
    mkdirSync(join(dir, 'v1'))
    mkdirSync(join(dir, 'v2'))
    writeFileSync(join(dir, 'v1', 'a.yaml'), 'one')
    writeFileSync(join(dir, 'v2', 'a.yaml'), 'two')
    symlinkSync('v1', join(dir, 'data'))
    symlinkSync(join('data', 'a.yaml'), join(dir, 'a.yaml'))
    using _watching = watchFile(join(dir, 'a.yaml'), onChange, fail)
    let next = change()
    symlinkSync('v2', join(dir, 'data.new'))
    renameSync(join(dir, 'data.new'), join(dir, 'data'))
    await next
    next = change()
    writeFileSync(join(dir, 'v2', 'a.yaml'), 'three')
    await next
    expect(changes).toBe(2)
  })

  it('is not kept from looking by files beside it that never rest, nor led to think that they are it', async () => {
    const file = join(dir, 'a.yaml')
    writeFileSync(file, 'one')
    using _watching = watchFile(file, onChange, fail)
    let count = 0
    const noise = setInterval(() => writeFileSync(join(dir, 'noise'), String((count += 1))), 5)
    try {
      const next = change()
      writeFileSync(file, 'other')
      await next
      expect(changes).toBe(1)
    } finally {
      clearInterval(noise)
    }
  })
})
