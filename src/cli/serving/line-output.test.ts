/** Log lines: all of them, in order and whole, whoever reads and however slowly. */
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LineOutput } from './line-output.ts'

function openFile(): { file: string; fd: number } {
  const file = join(mkdtempSync(join(tmpdir(), 'lines-')), 'log')
  return { file, fd: openSync(file, 'w') }
}

describe('the output of log lines', () => {
  it('writes every line in order, across many blocks and in any alphabet', () => {
    const { file, fd } = openFile()
    const output = new LineOutput({ fd, flushEveryMs: 60_000, blockBytes: 1000 })
    const lines = Array.from({ length: 500 }, (_, index) => `${index} ${'žluťoučký 🐎 '.repeat(index % 7)}\n`)
    for (const line of lines) {
      output.write(line)
      output.flushSync()
    }
    closeSync(fd)
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''))
    expect(output.dropped).toBe(0)
  })

  it('drops and counts lines that nobody takes, instead of keeping them', () => {
    const { file, fd } = openFile()
    const output = new LineOutput({ fd, flushEveryMs: 60_000, blockBytes: 100 })
    for (let index = 0; index < 1000; index += 1) output.write(`line ${index}\n`)
    expect(output.dropped).toBeGreaterThan(900)
    output.flushSync()
    closeSync(fd)
    const written = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(new Set(written).size + output.dropped).toBe(1000)
    for (const line of written) expect(line).toMatch(/^line \d+$/)
  })

  it('drops a line that is longer than a block', () => {
    const { fd } = openFile()
    const output = new LineOutput({ fd, flushEveryMs: 60_000, blockBytes: 100 })
    output.write('x'.repeat(200))
    output.write('short\n')
    expect(output.dropped).toBe(1)
    output.flushSync()
    closeSync(fd)
  })

  it('gives up at once on a file that cannot be written to', () => {
    const { fd } = openFile()
    closeSync(fd)
    const output = new LineOutput({ fd, flushEveryMs: 60_000 })
    output.write('lost\n')
    expect(() => output.flushSync()).not.toThrow()
    expect(output.dropped).toBe(1)
  })
})
