/** What names lead to, and what is refused before any request could meet it. */
import { describe, expect, it } from 'vitest'
import { dialects, providers, strategies } from '../../builtins.gen.ts'
import { parseConfig } from '../../config/load.ts'
import type { AnyDialect } from '../../kernel/deployment.ts'
import type { Decision, Route } from '../../kernel/route.ts'
import { noPlace } from '../../kernel/strategy.ts'
import { closedCircuit, sampleQuery, sampleSignals } from '../../kernel/testing/strategy-fixtures.ts'
import type { Transport } from '../../kernel/transport.ts'
import { compilePlan } from './compile-plan.ts'

const noTransport: Transport = {
  dispatch: () => ({ pause() {}, resume() {}, abort() {} }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
const query = sampleQuery()

/** What strategies of these tests decide, they decide at once. */
const decided = (route: Route | undefined) => (route?.order(query) as Decision | undefined)?.targets

function planOf(yaml: string, discovered: Record<string, string[]> = {}, resting: ReadonlySet<number> = new Set()) {
  const { config } = parseConfig(yaml, {
    file: 'test.yaml',
    baseDir: '/',
    cwd: '/',
    env: {},
    registry: { providers, strategies },
  })
  const found = { version: 0, missed: 0, modelsOf: (provider: string) => discovered[provider] ?? [] }
  const plan = compilePlan(config, {
    revision: 1,
    readRouter: () => {
      throw new Error('no request brings a router here')
    },
    providers,
    strategies,
    random: () => 0.5,
    now: () => 0,
    dialect: (id) => dialects.find((dialect) => dialect.id === id) as AnyDialect,
    transport: () => noTransport,
    signer: (driver, { options }) => ({ sign: (outbound, credential) => driver.sign(outbound, options, credential) }),
    standing: (_settings, index) => ({
      restMs: () => (resting.has(index) ? 1000 : 0),
      answered() {},
      failed() {},
    }),
    signals: () => sampleSignals(),
    circuit: () => closedCircuit,
    slots: () => undefined,
    retries: () => ({ asked: () => undefined, take: () => true, has: () => true }),
    priceOf: (provider, model) =>
      model === 'gpt-4o' && provider === 'openai'
        ? { source: 'test', input: { base: 1 }, output: { base: 1 } }
        : undefined,
    catalogued: () => [],
    place: () => noPlace,
    maxOutputOf: () => undefined,
    contextOf: () => undefined,
    knownModels: (provider) => (provider === 'openai' ? ['gpt-4o', 'gpt-4o-mini'] : []),
    discovered: {
      ...found,
      get version() {
        return found.version
      },
      missed: () => void (found.missed += 1),
    },
  })
  const targets = (name: string) => decided(plan.resolve(name))?.map(({ id }) => id)
  return { plan, targets, found }
}

const base = `providers:
  openai: { credentials: [key-one-of-openai, key-two-of-openai] }
  local: { use: openai-compatible, base_url: "http://127.0.0.1:9/v1", models: [llama, meta/llama-4] }
  vllm: { use: openai-compatible, base_url: "http://127.0.0.1:9/v1" }
  claude: { use: anthropic, credentials: key-of-anthropic }
models:
  big: { deployments: [{ provider: claude, model: claude-opus-4-5 }, { provider: local, model: llama }] }
aliases: { best: big, fast: openai/gpt-4o-mini }
routers:
  main: { strategy: fallback, targets: [best, inner] }
  inner: { strategy: fallback, targets: [fast, vllm/anything] }
`

describe('a plan', () => {
  it.each([
    ['big', ['claude/claude-opus-4-5', 'local/llama']],
    ['best', ['claude/claude-opus-4-5', 'local/llama']],
    ['local/meta/llama-4', ['local/meta/llama-4']],
    ['claude/not-yet-released', ['claude/not-yet-released']],
    ['llama', ['local/llama']],
    ['main', ['claude/claude-opus-4-5', 'local/llama', 'openai/gpt-4o-mini', 'openai/gpt-4o-mini', 'vllm/anything']],
  ])('leads %s to its deployments, in order', (name, expected) => {
    expect(planOf(base).targets(name)).toEqual(expected)
  })

  it.each([
    'local/other',
    'nobody/gpt-4o',
    'unheard-of',
    '/gpt-4o',
    'openai/',
    '',
    '__proto__',
    'constructor',
    'toString',
  ])('knows nothing of %j', (name) => {
    expect(planOf(base).plan.resolve(name)).toBeUndefined()
  })

  it('takes the credentials of a provider in turn, and the others after the first', async () => {
    const { plan } = planOf(base)
    const firstOf = async () => {
      const signed = await Promise.all(
        (decided(plan.resolve('gpt-4o')) ?? []).map((deployment) =>
          Promise.resolve(deployment.sign({ method: 'POST', origin: '', path: '', headers: {}, body: null })),
        ),
      )
      return signed.map(({ headers }) => headers['authorization'])
    }
    expect(await firstOf()).toEqual(['Bearer key-one-of-openai', 'Bearer key-two-of-openai'])
    expect(await firstOf()).toEqual(['Bearer key-two-of-openai', 'Bearer key-one-of-openai'])
  })

  it('passes over the credentials that rest, so that the others share the work evenly', async () => {
    const yaml = `providers: { openai: { credentials: [key-one-is-here, key-two-is-here, key-three-is-here] } }`
    const resting = new Set([1])
    const { plan } = planOf(yaml, {}, resting)
    const first = () => decided(plan.resolve('openai/gpt-4o'))?.[0]?.credential
    expect([first(), first(), first(), first()]).toEqual([1, 3, 1, 3])
    resting.add(0).add(2)
    expect([first(), first(), first()]).toEqual([1, 2, 3])
  })

  it('finds bare names by the prices of a provider, or by what a server was found to have', () => {
    expect(planOf(base).targets('gpt-4o')).toEqual(['openai/gpt-4o', 'openai/gpt-4o'])
    expect(planOf(base, { vllm: ['qwen'] }).targets('qwen')).toEqual(['vllm/qwen'])
  })

  it('looks again when something new was found, and asks for that when a name is not known', () => {
    const discovered: Record<string, string[]> = {}
    const { targets, found } = planOf(base, discovered)
    expect(targets('qwen')).toBeUndefined()
    expect(found.missed).toBe(1)
    discovered['vllm'] = ['qwen']
    found.version = 1
    expect(targets('qwen')).toEqual(['vllm/qwen'])
  })

  it('lists everything that has a name, once', () => {
    const listed = planOf(base, { vllm: ['qwen'] })
      .plan.list()
      .map(({ id }) => id)
    expect(listed).toEqual([
      'big',
      'best',
      'fast',
      'main',
      'inner',
      'openai/gpt-4o',
      'openai/gpt-4o-mini',
      'local/llama',
      'local/meta/llama-4',
      'vllm/qwen',
    ])
  })

  it('names the nearest of what there is', () => {
    expect(planOf(base).plan.nearest('openai/gpt-40')[0]).toBe('openai/gpt-4o')
  })

  it('keeps a bounded number of names that clients make up', () => {
    const { plan } = planOf(base)
    for (let n = 0; n < 25_000; n += 1) plan.resolve(`claude/made-up-${n}`)
    expect(plan.deployments.length).toBeLessThanOrEqual(10_010)
  })

  it('asks for usage in streams only where that is known to be understood', () => {
    const { plan } = planOf(
      base.replace('  vllm:', '  relay: { use: openai, base_url: "http://127.0.0.1:9/v1", credentials: k }\n  vllm:'),
    )
    const policy = (name: string) => plan.resolve(name)?.deployments[0]?.streamUsage
    expect(policy('openai/gpt-4o')).toBe('always')
    expect(policy('relay/gpt-4o')).toBe('metered')
    expect(policy('vllm/qwen')).toBe('metered')
  })

  it('does not lead to shadows, and has none that would ask others first', () => {
    const router = (shadow: string) => {
      const seen = `{ strategy: mirror, targets: [local/llama, { shadow: true, target: ${shadow} }] }`
      return planOf(base.replace('routers:\n', `routers:\n  seen: ${seen}\n`))
    }
    const route = router('vllm/big').plan.resolve('seen')
    expect(route?.deployments.map(({ id }) => id)).toEqual(['local/llama'])
    const judging =
      '{ strategy: classifier, judge: local/llama, default: vllm/a, targets: [{ target: vllm/a, about: a }] }'
    expect(() => router(judging)).toThrow(/asks other models, so it cannot be a shadow/)
  })
})
