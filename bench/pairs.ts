/**
 * The benchmark of pairs: a stream of a hundred chunks from every provider protocol to every client protocol, in CPU of the gateway per
 * stream against the bare proxy passing the same bytes on. Usage: pairs.ts [--quick] [--client ID] [--provider ID] [--check]
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runLoad } from './load.ts'
import type { LoadRequest } from './load.ts'
import { cpuSeconds, start } from './processes.ts'
import type { Running } from './processes.ts'
import { bodyOf, protocols } from './protocols.ts'
import type { Protocol } from './protocols.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    client: { type: 'string' },
    provider: { type: 'string' },
    check: { type: 'boolean' },
  },
})
/** The most that a pair may cost, as a multiple of the floor. */
const target = 4
const clientsAtOnce = 16
const requests = values.quick === true ? 150 : 500
const rounds = values.quick === true ? 2 : 3
const key = 'bench-client-key-0123456789'
const root = new URL('..', import.meta.url).pathname
const json = { 'content-type': 'application/json' }

const upstream = await start('upstream', process.execPath, [join(root, 'bench/pairs-upstream.ts')])
const floor = await start('floor', process.execPath, [join(root, 'bench/floor.ts'), upstream.origin])
const gateway = await startGateway()

async function startGateway(): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-bench-'))
  const config = join(dir, 'sluicegate.yaml')
  const providers = protocols.flatMap(({ dialect, provider }) =>
    provider === undefined ? [] : [`  ${dialect.id}: { ${provider.replace('{url}', upstream.origin)} }`],
  )
  const models = protocols.map(
    ({ dialect }) => `  bench-${dialect.id}: { deployments: [{ provider: ${dialect.id}, model: served }] }`,
  )
  writeFileSync(
    config,
    `server: { port: 0 }
data: { dir: ${join(dir, 'data')} }
providers:
${providers.join('\n')}
models:
${models.filter((_, index) => protocols[index]?.provider !== undefined).join('\n')}
keys:
  - { name: bench, secret: ${key}, models: ["*"], limits: { requests: 100000000/min, tokens: 1000000000000/day } }
`,
  )
  return start('sluicegate', process.execPath, [join(root, 'bin/sluicegate.js'), 'serve', '--config', config], {
    ready: /listening on http:\/\/127\.0\.0\.1:(\d+)/,
  })
}

/** CPU µs of the program for each request. */
async function cost(program: Running, load: LoadRequest): Promise<number> {
  await runLoad(load, clientsAtOnce, Math.ceil(requests / 3))
  const before = cpuSeconds(program.pid)
  await runLoad(load, clientsAtOnce, requests)
  return ((cpuSeconds(program.pid) - before) / requests) * 1e6
}

const passing = (provider: Protocol): LoadRequest => ({
  origin: floor.origin,
  path: provider.upstreamPath,
  headers: json,
  body: bodyOf(provider, 'served'),
})

function asking(client: Protocol, provider: Protocol): LoadRequest {
  const model = `bench-${provider.dialect.id}`
  return {
    origin: gateway.origin,
    path: client.clientPath?.(model) ?? '',
    headers: { ...json, authorization: `Bearer ${key}` },
    body: bodyOf(client, model),
  }
}

const clients = protocols.filter(
  ({ dialect, clientPath }) => clientPath !== undefined && (values.client ?? dialect.id) === dialect.id,
)
const providers = protocols.filter(
  ({ dialect, provider }) => provider !== undefined && (values.provider ?? dialect.id) === dialect.id,
)
const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const column = 20
console.log('CPU per stream of 100 chunks, as a multiple of the floor (floor in µs on the left)')
console.log(''.padEnd(28) + clients.map(({ dialect }) => dialect.id.padStart(column)).join(''))

let missed = 0
for (const provider of providers) {
  const floors: number[] = []
  const costs = clients.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    floors.push(await cost(floor, passing(provider)))
    for (const [index, client] of clients.entries()) costs[index]?.push(await cost(gateway, asking(client, provider)))
  }
  const base = median(floors)
  const ratios = costs.map((list) => median(list) / base)
  missed += ratios.filter((ratio) => ratio > target).length
  console.log(
    `${provider.dialect.id.padEnd(20)}${base.toFixed(0).padStart(8)}${ratios.map((ratio) => `${ratio.toFixed(2)}${ratio > target ? ' !' : '  '}`.padStart(column)).join('')}`,
  )
}
console.log(missed === 0 ? `every pair is within ${target}` : `${missed} pairs cost more than ${target}`)
await Promise.all([floor.stop(), gateway.stop()])
await upstream.stop()
if (values.check === true && missed > 0) process.exitCode = 1
