/**
 * Keeps the gateway under mixed load for a while and watches its memory: complete answers, streams, translations, clients that leave
 * in the middle, requests that are wrong. Memory that goes on growing after the first third is a leak. Usage: soak.ts [--minutes 10]
 */
import { request } from 'node:http'
import { parseArgs } from 'node:util'
import { runLoad } from './load.ts'
import { residentMiB } from './processes.ts'
import { scenarios } from './scenarios.ts'
import { gateway, requestOf, startUpstream } from './subjects.ts'
import type { Subject } from './subjects.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const minutes = Number(values.minutes)
/** The most that the last third may use beyond the middle one. */
const tolerance = 1.1

const upstream = await startUpstream()
const own = await gateway(upstream)
const { pid } = own.running
const endAt = performance.now() + minutes * 60_000
const samples: number[] = []
let answers = 0

console.log(`idle: ${residentMiB(pid).toFixed(0)} MiB`)
for (let turn = 0; performance.now() < endAt; turn += 1) {
  for (const scenario of scenarios) {
    const share = Math.ceil(scenario.requests / 20)
    await runLoad(requestOf(own, scenario), 16, share)
    answers += share
  }
  await Promise.all(Array.from({ length: 20 }, () => leaveEarly(own)))
  await Promise.all(Array.from({ length: 20 }, () => sendNonsense(own)))
  samples.push(residentMiB(pid))
  if (turn % 10 === 0)
    console.log(
      `${((minutes * 60_000 - (endAt - performance.now())) / 1000).toFixed(0)} s: ${samples.at(-1)?.toFixed(0)} MiB after ${answers} answers`,
    )
}

const third = Math.floor(samples.length / 3)
const middle = mean(samples.slice(third, 2 * third))
const last = mean(samples.slice(2 * third))
const flat = last <= middle * tolerance
console.log(
  `${answers} answers in ${minutes} min; mean of the middle third ${middle.toFixed(0)} MiB, of the last ${last.toFixed(0)} MiB: ${flat ? 'flat' : 'GROWING'}`,
)
await own.running.stop()
await upstream.stop()
if (!flat) process.exitCode = 1

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length)
}

/** Begins a stream and hangs up after its first bytes. */
function leaveEarly(subject: Subject): Promise<void> {
  const scenario = scenarios.find(({ stream }) => stream)
  if (scenario === undefined) return Promise.resolve()
  const { origin, path, headers, body } = requestOf(subject, scenario)
  return new Promise((resolve) => {
    const outgoing = request(`${origin}${path}`, { method: 'POST', headers: { ...headers } }, (response) => {
      response.once('data', () => outgoing.destroy())
      response.on('error', () => undefined)
    })
    outgoing.on('error', () => undefined)
    outgoing.on('close', () => resolve())
    outgoing.end(body)
  })
}

function sendNonsense(subject: Subject): Promise<void> {
  return fetch(`${subject.running.origin}/v1/chat/completions`, {
    method: 'POST',
    body: `{"model": ${'['.repeat(500)}`,
    headers: { authorization: 'Bearer nobody' },
  }).then(async (response) => void (await response.text()))
}
