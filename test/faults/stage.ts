/**
 * One gateway and one scripted provider for a whole file of tests: every test has models of its own, whose answers nobody else's
 * requests can take, so tests stay independent without a gateway each.
 */
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { ExchangeRecord } from '../../src/model/record.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import type { Protocol } from '../harness/protocols.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Answer, Received } from '../harness/upstream.ts'

export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway
  readonly url: string
  /** Makes a model that answers in this order; the last answer stands. Gives its name behind the provider's slash. */
  script(...answers: readonly Answer[]): string
  /** Makes a router of such models, in this order; puts it in force by a reload. Gives its name and those of its targets. */
  router(...targets: readonly (readonly [provider: string, ...answers: Answer[]])[]): {
    readonly name: string
    readonly targets: readonly string[]
  }
  /** Requests for a model of `script` so far. */
  calls(model: string): readonly Received[]
  /** Resolves when the model is asked for the n-th time, counted from 1. */
  called(model: string, times?: number): Promise<Received>
  /** The records of a request, by the id that its answer told. */
  recordsOf(requestId: string | null): Promise<ExchangeRecord[]>
  /** The only record of a request; throws when there is not exactly one. */
  recordOf(requestId: string | null): Promise<ExchangeRecord>
}

export interface StageOptions {
  /** More of the configuration. */
  readonly yaml?: string
  /** More members of both providers, as the inside of a flow map. */
  readonly provider?: string
  /** More providers, a line each; `UPSTREAM` stands for the scripted provider's origin, `UPSTREAM_PORT` for its port. */
  readonly providers?: readonly string[]
  readonly clock?: Clock
  readonly retries?: string
}

export async function openStage({
  yaml = '',
  provider = '',
  providers = [],
  clock,
  retries = '{ rounds: 0 }',
}: StageOptions = {}): Promise<Stage> {
  const upstream = await startUpstream()
  const scripts = new Map<string, { readonly answers: readonly Answer[]; readonly received: Received[] }>()
  const waiting: { readonly model: string; readonly times: number; readonly resolve: (request: Received) => void }[] =
    []
  upstream.answer(async (response: ServerResponse, request) => {
    const model = modelOf(request)
    const script = scripts.get(model)
    if (script === undefined) {
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end(`{"error":{"message":"no script for ${model}"}}`)
      return
    }
    script.received.push(request)
    const times = script.received.length
    for (const one of waiting) if (one.model === model && one.times <= times) one.resolve(request)
    await script.answers[Math.min(times, script.answers.length) - 1]?.(response, request)
  })
  /** All that ever were; the configuration has the last few, or reading it would soon take longer than the tests. */
  const routers: string[] = []
  const config = (): string => `
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: sk-upstream-openai, ${provider} }
  anthropic: { base_url: "${upstream.url}", credentials: sk-upstream-anthropic, ${provider} }
${providers.map((line) => `  ${line.replaceAll('UPSTREAM_PORT', new URL(upstream.url).port).replaceAll('UPSTREAM', upstream.url)}\n`).join('')}retries: ${retries}
routers: { ${routers.slice(-8).join(', ')} }
${yaml}`
  const gateway = await startGateway(config(), clock === undefined ? {} : { clock })
  let models = 0
  const stage: Stage = {
    gateway,
    url: gateway.url,
    script(...answers) {
      models += 1
      const model = `m-${models}`
      scripts.set(model, { answers, received: [] })
      return model
    },
    router(...targets) {
      const name = `r-${routers.length + 1}`
      const models = targets.map(([, ...answers]) => stage.script(...answers))
      const names = targets.map(([provider], index) => `${provider}/${models[index] ?? ''}`)
      routers.push(`${name}: { strategy: fallback, targets: [${names.join(', ')}] }`)
      gateway.reload(config())
      return { name, targets: models }
    },
    calls: (model) => scripts.get(model)?.received ?? [],
    called: (model, times = 1) =>
      new Promise((resolve) => {
        const already = scripts.get(model)?.received[times - 1]
        if (already === undefined) waiting.push({ model, times, resolve })
        else resolve(already)
      }),
    async recordsOf(requestId) {
      await gateway.app.settled()
      using stores = openSqlite(join(gateway.dir, 'data', 'sluicegate.db'))
      // A test asks for what it has just done.
      return stores.usage.list({ limit: 50 }).filter((record) => record.requestId === requestId)
    },
    async recordOf(requestId) {
      const [record, ...more] = await stage.recordsOf(requestId)
      if (record === undefined || more.length > 0)
        throw new Error(`${record === undefined ? 0 : more.length + 1} records of ${requestId}`)
      return record
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await upstream.close()
      // Whatever the tests of a file did to it, nothing of it may be a defect of the gateway.
      const defects = gateway.log.filter(({ level }) => Number(level) >= 50)
      if (defects.length > 0) throw new Error(`the gateway logged defects: ${JSON.stringify(defects).slice(0, 2000)}`)
    },
  }
  return stage
}

function modelOf({ body }: Received): string {
  try {
    return String((JSON.parse(body.toString()) as { model?: unknown }).model)
  } catch {
    return ''
  }
}

export const authorized = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' } as const

/** One request in a client's protocol. */
export function ask(
  stage: Pick<Stage, 'url'>,
  protocol: Protocol,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${stage.url}${protocol.path}`, { method: 'POST', headers: { ...authorized, ...headers }, body })
}
