/** The command line in tests: inside the test's process where that is enough, and as a process of its own where signals matter. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../src/cli/run.ts'
import { openTerminal } from '../../src/cli/terminal.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Place extends Disposable {
  readonly dir: string
  write(file: string, text: string): string
  /** Runs a command line here, in this process. */
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>
  /** Starts a command line here, in a process of its own. */
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): Running
}

export interface Running {
  readonly process: ChildProcess
  stdout(): string
  stderr(): string
  /** Waits until the output has it, and gives what matched; rejects when the process ends first. */
  seen(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for the end. */
  ended(): Promise<Outcome>
}

export const now = Date.UTC(2026, 10, 21, 12)

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** Compiling the sources takes most of the time that a process needs to start. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/sluicegate-compiled', import.meta.url))

/** A working directory of its own, with nothing in it. */
export function newPlace(): Place {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-cli-'))
  return {
    dir,
    write(file, text) {
      writeFileSync(join(dir, file), text)
      return join(dir, file)
    },
    async run(argv, env = {}) {
      const written = { stdout: '', stderr: '' }
      const streamOf = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) })
      const terminal = openTerminal({ stdin: {}, stdout: streamOf('stdout'), stderr: streamOf('stderr'), env, argv })
      const code = await run(argv, { env, cwd: dir, version: '1.2.3', terminal, now: () => now, exitCode: 0 })
      return { code, ...written }
    },
    start: (argv, env = {}) => start(dir, argv, env),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function start(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [entry, ...argv], {
    cwd,
    env: { NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let exit: number | undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const closed = once(child, 'close').then(([code, signal]: unknown[]) => {
    exit = typeof code === 'number' ? code : -1
    return { code: exit, signal }
  })
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    async seen(pattern) {
      for (;;) {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr)
        if (match !== null) return match
        if (exit !== undefined) throw new Error(`ended with ${exit} before ${String(pattern)}:\n${stdout}\n${stderr}`)
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed])
      }
    },
    async ended() {
      const { code } = await closed
      return { code, stdout, stderr }
    },
  }
}
