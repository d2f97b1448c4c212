/** Child processes of the benchmark, and what the operating system says of them. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export interface Running {
  readonly name: string
  readonly origin: string
  readonly pid: number
  stop(): Promise<void>
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a program and waits until a line of its output tells the port. */
export async function start(
  name: string,
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; port?: number; ready?: RegExp } = {},
): Promise<Running> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } })
  children.add(child)
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
  })
  const port = await new Promise<number>((resolve, reject) => {
    let output = ''
    const found = (value: number): void => {
      // What a program logs from now on is taken from it, but not looked at: that would cost the load its time.
      for (const stream of [child.stdout, child.stderr]) stream.off('data', look).resume()
      resolve(value)
    }
    const look = (chunk: Buffer): void => {
      output += chunk.toString()
      const told = options.ready?.exec(output)?.[1] ?? /"port":\s*(\d+)/.exec(output)?.[1]
      if (told !== undefined) found(Number(told))
      else if (options.port !== undefined && options.ready?.test(output) === true) found(options.port)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${output.slice(-500)}`)))
  })
  return {
    name,
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await exited
      children.delete(child)
    },
  }
}

const ticksPerSecond = 100

/** Processor seconds of a process, its threads and its children so far. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => {
    const fields = statOf(member)
    return fields === undefined ? sum : sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }, 0)
}

/** Resident MiB of a process and its children. */
export function residentMiB(pid: number): number {
  return family(pid).reduce((sum, member) => {
    try {
      const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${member}/status`, 'utf8'))?.[1]
      return sum + Number(kib ?? 0) / 1024
    } catch {
      return sum
    }
  }, 0)
}

function family(pid: number): number[] {
  const members = [pid]
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = Number(statOf(Number(entry))?.[1] ?? 0)
    if (parent === pid) members.push(Number(entry))
  }
  return members
}

/** The fields of /proc/PID/stat from the state on. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
