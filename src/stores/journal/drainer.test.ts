/** The drain worker as a real thread on a real database: under load, behind a lock, across a kill of the whole process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { sampleRecord, sampleReservation } from '../../kernel/testing/usage-store-kit.ts'
import { openSqlite } from '../drivers/sqlite/open-sqlite.ts'
import { sqliteIntake } from '../drivers/sqlite/sqlite-intake.ts'
import type { IntakeSource } from '../intake-source.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { startDrainer } from './drainer.ts'
import type { Drainer } from './drainer.ts'
import { openJournal } from './open-journal.ts'
import type { OpenedJournal } from './open-journal.ts'
import type { JournalProblem } from './journal-problem.ts'
import { journalFolder, listSegments } from './segments.ts'

class Bench implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'drainer-'))
  readonly file = join(this.dir, 'gate.db')
  readonly stores = openSqlite(this.file)
  readonly problems: JournalProblem[] = []
  #heard: (() => void) | undefined

  onProblem = (problem: JournalProblem): void => {
    this.problems.push(problem)
    this.#heard?.()
  }

  async problem(): Promise<JournalProblem> {
    while (this.problems.length === 0) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
    return this.problems.shift()!
  }

  open(
    source: IntakeSource = sqliteIntake(this.file, 1),
  ): OpenedJournal & { drainer: Drainer; close: () => Promise<void> } {
    const { dir, stores, onProblem } = this
    const opened = openJournal({ dir, clock: systemClock, store: stores.usage, onProblem, segmentBytes: 100_000 })
    const { journal, position } = opened
    const drainer = startDrainer({ dir, journal, position, source, clock: systemClock, onProblem, wakeEveryMs: 1 })
    const close = async (): Promise<void> => {
      await drainer.close()
      await journal.close()
    }
    return { ...opened, drainer, close }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stores[Symbol.dispose]()
    rmSync(this.dir, { recursive: true })
  }
}

describe('drainer', () => {
  it('takes in what is appended, knows how far it is, and deletes what is behind', async () => {
    await using bench = new Bench()
    const { journal, drainer, close } = bench.open()
    for (let n = 0; n < 1200; n++) journal.append(sampleRecord(n))
    expect(drainer.lagBytes()).toBeGreaterThan(0)
    await drainer.drained()
    expect(drainer.position()).toEqual(journal.end())
    expect(drainer.lagBytes()).toBe(0)
    expect(bench.stores.usage.summarize({ groupBy: 'none' })).toMatchObject([{ requests: 1200 }])
    expect(listSegments(journalFolder(bench.dir)).map(({ number }) => number)).toEqual([journal.end().segment])
    journal.append(sampleRecord(1200))
    await drainer.drained()
    await drainer.drained()
    await close()
    await close()
    expect(bench.stores.usage.list({ limit: 1 })[0]?.id).toBe(sampleRecord(1200).id)
    expect(bench.problems).toEqual([])
  })

  it('drains by itself before it closes, without being asked', async () => {
    await using bench = new Bench()
    const { journal, close } = bench.open()
    journal.reserve(sampleReservation(7))
    journal.append(sampleRecord(1))
    await close()
    expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(1)
    expect(bench.stores.usage.heldReservations()).toEqual([sampleReservation(7)])
  })

  it('tries again while the database is locked, and appends go on meanwhile', async () => {
    await using bench = new Bench()
    using other = new DatabaseSync(bench.file)
    other.exec('BEGIN IMMEDIATE')
    const { journal, drainer, close } = bench.open()
    journal.append(sampleRecord(1))
    expect(await bench.problem()).toMatchObject({ kind: 'drain-failed', message: expect.stringContaining('locked') })
    journal.append(sampleRecord(2))
    expect(drainer.position()).toEqual({ segment: 0, offset: 0 })
    other.exec('COMMIT')
    await drainer.drained()
    expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(2)
    await close()
  })

  it('starts another thread when one dies', async () => {
    await using bench = new Bench()
    const module = join(bench.dir, 'dying.mjs')
    const died = join(bench.dir, 'died')
    writeFileSync(
      module,
      `import { existsSync, writeFileSync } from 'node:fs'
       export async function openIntake({ real, died }) {
         const intake = await (await import(real.module)).openIntake(real.config)
         if (existsSync(died)) return intake
         writeFileSync(died, '')
         process.exit(1)
       }`,
    )
    const config = { real: sqliteIntake(bench.file), died }
    const { journal, drainer, close } = bench.open({ module: `file://${module}`, config })
    journal.append(sampleRecord(1))
    await drainer.drained()
    expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(1)
    await close()
  })

  it('has every record whose append returned exactly once, after the process was killed under load', async () => {
    await using bench = new Bench()
    bench.stores[Symbol.dispose]()
    const address = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const dir = JSON.stringify(bench.dir)
    const script = `
      import { writeSync } from 'node:fs'
      const { systemClock } = await import(${address('../../kernel/clock.ts')})
      const { openSqlite } = await import(${address('../drivers/sqlite/open-sqlite.ts')})
      const { sqliteIntake } = await import(${address('../drivers/sqlite/sqlite-intake.ts')})
      const { lockDataDir } = await import(${address('./data-dir-lock.ts')})
      const { openJournal } = await import(${address('./open-journal.ts')})
      const { startDrainer } = await import(${address('./drainer.ts')})
      globalThis.lock = lockDataDir(${dir})
      const file = ${JSON.stringify(bench.file)}
      const onProblem = (problem) => console.error(problem)
      const common = { dir: ${dir}, clock: systemClock, onProblem, segmentBytes: 200_000 }
      const { journal, position } = openJournal({ ...common, store: openSqlite(file).usage })
      startDrainer({ ...common, journal, position, source: sqliteIntake(file), wakeEveryMs: 5, maxEntries: 50 })
      const record = JSON.parse(process.argv[1])
      const reservation = JSON.parse(process.argv[2])
      let n = 0
      setInterval(() => {
        for (let turn = 0; turn < 40; turn++) {
          const id = 'ex_' + String(n++).padStart(8, '0')
          journal.reserve({ ...reservation, id })
          if (n % 10 === 0) continue
          journal.append({ ...record, id })
          writeSync(3, id + '\\n')
        }
        process.stdout.write('.')
      }, 1)`
    const { id: _r, ...record } = sampleRecord(0)
    const { id: _h, ...reservation } = sampleReservation(0)
    const args = ['--input-type=module', '-e', script, JSON.stringify(record), JSON.stringify(reservation)]
    const acknowledgements = join(bench.dir, 'acknowledged')
    const fd = openSync(acknowledgements, 'a')
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', fd] })
    let turns = 0
    child.stdout?.on('data', (dots: Buffer) => {
      turns += dots.length
      if (turns > 80) child.kill('SIGKILL')
    })
    await once(child, 'close')
    closeSync(fd)
    expect(child.signalCode).toBe('SIGKILL')
    const acknowledged = readFileSync(acknowledgements, 'utf8').split('\n').slice(0, -1)
    expect(acknowledged.length).toBeGreaterThan(2800)

    using _lock = lockDataDir(bench.dir)
    using stores = openSqlite(bench.file)
    const opened = openJournal({ dir: bench.dir, clock: systemClock, store: stores.usage, onProblem: bench.onProblem })
    const { journal, position, crashed } = opened
    const drainer = startDrainer({
      dir: bench.dir,
      journal,
      position,
      source: sqliteIntake(bench.file),
      clock: systemClock,
      onProblem: bench.onProblem,
    })
    await drainer.drained()
    await drainer.close()
    await journal.close()
    const stored = stores.usage.list({ limit: 1_000_000 })
    const finished = new Set(stored.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id))
    expect(new Set(stored.map(({ id }) => id)).size).toBe(stored.length)
    expect(acknowledged.filter((id) => !finished.has(id))).toEqual([])
    // Killed between two calls, at most one more was written than told; every tenth never finished.
    expect(finished.size - acknowledged.length).toBeLessThanOrEqual(1)
    expect(crashed.length).toBeGreaterThan(300)
    expect(stored.filter(({ outcome }) => outcome === 'crashed')).toHaveLength(crashed.length)
    const cost = finished.size * sampleRecord(0).cost! + crashed.length * sampleReservation(0).nano
    expect(stores.usage.summarize({ groupBy: 'none' })).toMatchObject([{ requests: stored.length, cost: BigInt(cost) }])
    expect(stores.usage.spends(sampleRecord(0).at).map((spend) => spend.cost)).toEqual([cost, cost, cost])
    expect(stores.usage.heldReservations()).toEqual([])
    expect(bench.problems).toEqual([])
  })
})
