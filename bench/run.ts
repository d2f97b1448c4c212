/**
 * The benchmark: every program of `subjects.ts` serves every request of `scenarios.ts` in one run, so that the figures can be set in
 * relation. CPU per request is the operating system's count for the whole process, and the figure to trust on a shared machine;
 * latencies are taken with few clients, where they mean something. Usage: run.ts [--quick] [--only SCENARIO] [--check]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runLoad } from './load.ts'
import { cpuSeconds, residentMiB } from './processes.ts'
import { mediaScenarios, scenarios } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import { direct, floor, gateway, lean, nginx, portkey, requestOf, startUpstream } from './subjects.ts'
import type { Subject } from './subjects.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, check: { type: 'boolean' } },
})
const share = values.quick === true ? 0.25 : 1
const busyClients = 24
const fewClients = 2
/** How much of a scenario is run before anything is measured: by then V8 has compiled what it is going to compile. */
const warmUp = 3
const rounds = values.quick === true ? 2 : 3

interface Figures {
  cpu: number
  rate: number
  p50: number
  p99: number
}

async function measure(
  subject: Subject,
  scenario: Scenario,
  headers: Record<string, string>,
  isFirst: boolean,
): Promise<Figures> {
  const target = { ...requestOf(subject, scenario), headers }
  const requests = Math.ceil(scenario.requests * share)
  // A server runs for weeks: what its first thousands of requests cost, while the code is still being compiled, says little.
  await runLoad(target, busyClients, isFirst ? scenario.requests * warmUp : Math.ceil(requests / 6))
  const before = cpuSeconds(subject.running.pid)
  const busy = await runLoad(target, busyClients, requests)
  const cpu = ((cpuSeconds(subject.running.pid) - before) / requests) * 1e6
  const calm = await runLoad(target, fewClients, Math.ceil(requests / 6))
  return { cpu, rate: requests / busy.seconds, p50: calm.p50, p99: calm.p99 }
}

/** The median of each figure over the rounds: one noisy moment must not decide. */
function median(rows: readonly Figures[]): Figures {
  const middle = (pick: (row: Figures) => number): number => {
    const sorted = rows.map(pick).sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
  return {
    cpu: middle(({ cpu }) => cpu),
    rate: middle(({ rate }) => rate),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
  }
}

const upstream = await startUpstream()
const base = direct(upstream)
const bare = await floor(upstream)
const leanest = await lean(upstream)
const own = await gateway(upstream)
const peers = (await Promise.all([nginx(upstream), portkey(upstream)])).filter((subject) => subject !== undefined)
// What a start leaves behind is given back a moment later.
await delay(2000)
console.log(
  `idle: floor ${residentMiB(bare.running.pid).toFixed(0)} MiB, sluicegate ${residentMiB(own.running.pid).toFixed(0)} MiB`,
)

let missed = 0
const bareOnes = new Set([base, bare, leanest])
for (const scenario of [...scenarios, ...mediaScenarios]) {
  if (values.only !== undefined && scenario.name !== values.only) continue
  const subjects = [base, bare, leanest, own, ...peers]
  const rows = new Map<Subject, Figures[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      // Bare proxies cannot translate: what is compared is the same answer, passed through.
      const shown = bareOnes.has(subject) ? { ...scenario, client: scenario.upstream } : scenario
      const headers = subject.headers(scenario)
      if (headers === undefined) continue
      const list = rows.get(subject) ?? []
      list.push(await measure(subject, shown, headers, round === 0))
      rows.set(subject, list)
    }
  }
  const floorFigures = median(rows.get(bare) ?? [])
  const leanFigures = median(rows.get(leanest) ?? [])
  const baseFigures = median(rows.get(base) ?? [])
  console.log(`\n${scenario.name} (${scenario.body.length} bytes${scenario.stream ? ', 100 chunks' : ''})`)
  console.log(
    `  ${'program'.padEnd(12)}${'req/s'.padStart(9)}${'CPU µs/req'.padStart(13)}${'× floor'.padStart(10)}${'× lean'.padStart(10)}${'+p50 ms'.padStart(10)}${'+p99 ms'.padStart(10)}${'RSS MiB'.padStart(10)}`,
  )
  for (const [subject, list] of rows) {
    if (subject === base) continue
    const figures = median(list)
    const ratio = figures.cpu / floorFigures.cpu
    console.log(
      `  ${subject.running.name.padEnd(12)}${figures.rate.toFixed(0).padStart(9)}${figures.cpu.toFixed(0).padStart(13)}${ratio.toFixed(2).padStart(10)}${(figures.cpu / leanFigures.cpu).toFixed(2).padStart(10)}${(figures.p50 - baseFigures.p50).toFixed(2).padStart(10)}${(figures.p99 - baseFigures.p99).toFixed(2).padStart(10)}${residentMiB(subject.running.pid).toFixed(0).padStart(10)}`,
    )
    if (subject === own) {
      const kept = ratio <= scenario.target
      if (!kept) missed += 1
      console.log(`  ${''.padEnd(12)}target × ${scenario.target}: ${kept ? 'kept' : 'MISSED'}`)
    }
  }
}

await Promise.all([bare, leanest, own, ...peers].map(({ running }) => running.stop()))
await upstream.stop()
if (values.check === true && missed > 0) process.exitCode = 1
