/**
 * The programs that the benchmark compares: the bare proxies, the gateway with everything switched on, and, where
 * they are installed, nginx and Portkey's gateway.
 */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { LoadRequest } from './load.ts'
import { start } from './processes.ts'
import type { Running } from './processes.ts'
import { pathOf } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

export interface Subject {
  readonly running: Running
  /** Headers a request to it needs; `undefined` where it cannot serve the scenario. */
  headers(scenario: Scenario): Record<string, string> | undefined
  path(scenario: Scenario): string
}

/** What is sent to a program for a scenario. The gateway is asked for the model that stands for the scenario's upstream. */
export function requestOf(subject: Subject, scenario: Scenario): LoadRequest {
  const own = subject.running.name === 'sluicegate'
  const body = own ? (scenario.ownBody ?? askedOfGateway(scenario)) : scenario.body
  return {
    origin: subject.running.origin,
    path: scenario.path ?? subject.path(scenario),
    headers: subject.headers(scenario) ?? {},
    body,
  }
}

const askedOfGateway = ({ body, upstream }: Scenario): Buffer =>
  Buffer.from(body.toString().replace('"model":"bench"', `"model":"bench-${upstream}"`))

const json = { 'content-type': 'application/json' }
const typed = ({ contentType }: Scenario): Record<string, string> =>
  contentType === undefined ? json : { 'content-type': contentType }
const clientKey = 'bench-client-key-0123456789'
const root = new URL('..', import.meta.url).pathname
const sameProtocol = (scenario: Scenario): boolean => scenario.client === scenario.upstream

export const startUpstream = (): Promise<Running> =>
  start('upstream', process.execPath, [join(root, 'bench/upstream.ts')])

export function direct(upstream: Running): Subject {
  return {
    running: { ...upstream, name: 'direct' },
    headers: (scenario) => ({ ...typed(scenario), authorization: 'Bearer x' }),
    path: (scenario) => pathOf[scenario.upstream],
  }
}

/** The bare proxy as one writes it, and the leanest that can be made. */
export const floor = (upstream: Running): Promise<Subject> => proxy('floor', upstream)
export const lean = (upstream: Running): Promise<Subject> => proxy('lean', upstream)

async function proxy(name: 'floor' | 'lean', upstream: Running): Promise<Subject> {
  const running = await start(name, process.execPath, [join(root, `bench/${name}.ts`), upstream.origin])
  // It copies the client's path; the body's protocol makes no difference to it.
  return {
    running,
    headers: (scenario) => ({ ...typed(scenario), authorization: 'Bearer x' }),
    path: (scenario) => pathOf[scenario.upstream],
  }
}

/** Keys, limits, a budget, prices, journal, database, metrics and access log: everything a real deployment has. */
export async function gateway(upstream: Running): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-bench-'))
  const config = join(dir, 'sluicegate.yaml')
  writeFileSync(
    config,
    `server: { port: 0 }
data: { dir: ${join(dir, 'data')} }
providers:
  oai: { use: openai, base_url: "${upstream.origin}/v1", credentials: upstream-key }
  ant: { use: anthropic, base_url: "${upstream.origin}/v1", credentials: upstream-key }
models:
  bench-openai: { deployments: [{ provider: oai, model: gpt-4o-mini }] }
  bench-anthropic: { deployments: [{ provider: ant, model: claude-sonnet-4-5 }] }
keys:
  - { name: bench, secret: ${clientKey}, models: ["*"], limits: { requests: 100000000/min, tokens: 1000000000000/day }, budget: { usd: 1000000, per: month } }
`,
  )
  const running = await start(
    'sluicegate',
    process.execPath,
    [join(root, 'bin/sluicegate.js'), 'serve', '--config', config],
    { ready: /listening on http:\/\/127\.0\.0\.1:(\d+)/ },
  )
  return {
    running,
    headers: (scenario) => ({ ...typed(scenario), authorization: `Bearer ${clientKey}` }),
    path: (scenario) => pathOf[scenario.client],
  }
}

export async function portkey(upstream: Running): Promise<Subject | undefined> {
  const program = join(root, 'bench/peers/node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(program)) return undefined
  const port = await freePort()
  const running = await start('portkey', process.execPath, [program, '--headless', `--port=${port}`], {
    port,
    ready: /running|Ready|listening/i,
  })
  return {
    running,
    headers: (scenario) => {
      // Its own translation of streams between the protocols is measured where it offers it: OpenAI's in front.
      if (scenario.client !== 'openai' || scenario.path !== undefined) return undefined
      const provider = scenario.upstream
      return {
        ...json,
        authorization: 'Bearer x',
        'x-portkey-provider': provider,
        'x-portkey-custom-host': `${upstream.origin}/v1`,
      }
    },
    path: () => '/v1/chat/completions',
  }
}

export async function nginx(upstream: Running): Promise<Subject | undefined> {
  const program = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((file) => existsSync(file))
  if (program === undefined) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-nginx-'))
  const port = await freePort()
  const config = join(dir, 'nginx.conf')
  writeFileSync(
    config,
    `worker_processes 1; daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  upstream provider { server ${upstream.origin.replace('http://', '')}; keepalive 256; }
  server { listen 127.0.0.1:${port}; client_max_body_size 32m; client_body_buffer_size 1m;
    location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }
`,
  )
  execFileSync(program, ['-t', '-q', '-c', config], { stdio: 'ignore' })
  const running = await startSilent('nginx', program, ['-c', config], port)
  return {
    running,
    headers: (scenario) => (sameProtocol(scenario) ? { ...typed(scenario), authorization: 'Bearer x' } : undefined),
    path: (scenario) => pathOf[scenario.upstream],
  }
}

/** For programs that say nothing when they are ready: asks their port until it answers. */
async function startSilent(name: string, program: string, args: readonly string[], port: number): Promise<Running> {
  const running = start(name, 'sh', ['-c', 'echo "{\\"port\\": $0}"; exec "$@"', String(port), program, ...args])
  const started = await running
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await fetch(started.origin, { method: 'HEAD' })
      return started
    } catch {
      await delay(50)
    }
  }
  throw new Error(`${name} does not answer`)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
