/** The commands as people and programs use them: what they print, where, and with which exit code. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlace } from './command-line.ts'
import type { Place } from './command-line.ts'

const config = `
data: { dir: ./data }
providers:
  sim: {}
  openai: { credentials: none, models: [gpt-4o, not-in-any-price-list] }
aliases: { quick: sim/fast }
routers: { main: { strategy: fallback, targets: ["sim/fault", quick] } }
keys: [{ name: ci, secret: "0123456789abcdef", budget: { usd: 25, per: month } }]
`

let place: Place

beforeAll(() => {
  place = newPlace()
  place.write('sluicegate.yaml', config)
})

afterAll(() => place[Symbol.dispose]())

const parsed = async (...argv: string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await place.run([...argv, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

describe('the program', () => {
  it('suggests the nearest command and option, and ends with 2', async () => {
    expect(await place.run(['sreve'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean serve?'),
    })
    expect(await place.run(['models', '--serch', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--search'),
    })
  })

  it('shows help and version on standard output, and ends with 0', async () => {
    const { code, stdout, stderr } = await place.run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of ['serve', 'check', 'keys', 'models', 'providers', 'info', 'test', 'usage', 'sim'])
      expect(stdout).toContain(`\n  ${command} `)
    expect(await place.run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' })
  })

  it('shows examples in the help of every command', async () => {
    for (const command of [
      'serve',
      'check',
      'keys',
      'keys create',
      'keys list',
      'keys revoke',
      'models',
      'providers',
      'info',
      'health',
      'recommend',
      'route script',
      'test',
      'usage',
      'sim',
    ]) {
      const { code, stdout } = await place.run([...command.split(' '), '--help'])
      expect({ command, code }).toEqual({ command, code: 0 })
      expect(stdout).toContain('Examples:\n  $ ')
    }
  })

  it('shows help on standard error, and ends with 2, when there is nothing to do', async () => {
    for (const argv of [[], ['keys']]) {
      expect(await place.run(argv)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('Usage: sluicegate'),
      })
    }
  })

  it('writes colours only where they are wanted', async () => {
    const escape = '\u001b['
    expect((await place.run(['keys', 'list'])).stdout).not.toContain(escape)
    expect((await place.run(['keys', 'list'], { FORCE_COLOR: '1' })).stdout).toContain(escape)
    expect((await place.run(['keys', 'list', '--no-color'], { FORCE_COLOR: '1' })).stdout).not.toContain(escape)
    expect((await place.run(['keys', 'list'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain(escape)
  })
})

describe('sluicegate check', () => {
  it('sums a right configuration up, and warns of what has no price', async () => {
    const { code, stdout, stderr } = await place.run(['check'])
    expect(code).toBe(0)
    expect(stdout).toContain('sluicegate.yaml is right')
    expect(stdout).toContain('main → sim/fault, sim/fast')
    expect(stderr.match(/warning:/g)).toHaveLength(1)
    expect(stderr).toContain('openai/not-in-any-price-list: has no known price')
    const json = await place.run(['check', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      valid: true,
      auth_required: true,
      keys: ['ci'],
      server: { port: 8080 },
    })
  })

  it('tells whose own paths pass, where, and for how much', async () => {
    place.write(
      'pass.yaml',
      `providers:
  openai: { credentials: k, pass_through: { enabled: true, paths: ["GET /v1/files*"], price: { request: 0.01 } } }
  files: { use: openai, credentials: k, pass_through: { enabled: true } }
  off: { use: openai, credentials: k, pass_through: { enabled: false, price: { request: 1 } } }`,
    )
    const { stdout } = await place.run(['check', '--config', 'pass.yaml'])
    expect(stdout).toContain('openai at /openai/…: GET /v1/files*; $0.01 a request')
    expect(stdout).toContain('files at /passthrough/files/…: every path; no price by the request')
    expect(stdout).not.toContain('off at')
    const { providers } = JSON.parse((await place.run(['check', '--config', 'pass.yaml', '--json'])).stdout) as {
      providers: { pass_through: unknown }[]
    }
    expect(providers.map((provider) => provider.pass_through)).toEqual([
      { path: '/openai', paths: ['GET /v1/files*'], request_usd: '0.01' },
      { path: '/passthrough/files', paths: null, request_usd: null },
      null,
    ])
    place.write(
      'wrong.yaml',
      'providers: { openai: { credentials: k, pass_through: { enabled: true, paths: ["files"] } } }',
    )
    const wrong = await place.run(['check', '--config', 'wrong.yaml'])
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('must be a path such as')])
  })

  it('tells every problem, on standard error or as JSON, and ends with 1', async () => {
    place.write('bad.yaml', 'servr: {}\naliases: { a: nowhere/x }\n')
    const text = await place.run(['check', '--config', 'bad.yaml'])
    expect(text).toMatchObject({ code: 1, stdout: '' })
    expect(text.stderr).toContain('error: bad.yaml:1:1: servr: is not a known key')
    const json = await place.run(['check', '--config', 'bad.yaml', '--json'])
    expect(json).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      valid: false,
      problems: [{ file: 'bad.yaml', line: 1, column: 1, path: 'servr', hint: 'did you mean `server`?' }, { line: 2 }],
    })
  })

  it('says so when the file is not there', async () => {
    expect(await place.run(['check', '--config', 'none.yaml'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('none.yaml: there is no such file'),
    })
  })

  it('takes the environment when there is no file', async () => {
    using empty = newPlace()
    const { code, stdout } = await empty.run(['check', '--json'], { OPENAI_API_KEY: 'none', GATEWAY_PORT: '9000' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ source: { kind: 'environment', path: null }, server: { port: 9000 } })
    expect((JSON.parse(stdout) as { providers: { name: string }[] }).providers.map(({ name }) => name)).toEqual([
      'openai',
      'sim',
    ])
  })
})

describe('sluicegate keys', () => {
  it('says so when a file is where the data directory should be', async () => {
    using fresh = newPlace()
    writeFileSync(join(fresh.dir, 'data'), 'mine')
    const { code, stderr } = await fresh.run(['keys', 'create', 'app'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/data directory .*: a file is in the way/)
    expect(stderr).not.toContain('defect')
  })

  it('works before the gateway was ever started, and only then makes the data directory', async () => {
    using fresh = newPlace()
    expect(await fresh.run(['keys', 'list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no keys yet'),
    })
    expect(existsSync(join(fresh.dir, 'data'))).toBe(false)
    expect((await fresh.run(['keys', 'create', 'app'])).stdout).toMatch(/^sg-[\w-]{43}\n$/)
    expect(readdirSync(join(fresh.dir, 'data'))).toContain('sluicegate.db')
  })

  it('makes a key with everything that limits it, lists it without its secret, and revokes it', async () => {
    const made = await parsed(
      'keys',
      'create',
      'my app',
      '--models',
      'sim/*,quick',
      '--requests',
      '600/min',
      '--requests',
      '5k/hour',
      '--tokens',
      '1M/day',
      '--budget',
      '25/month',
      '--budget',
      '0.5/day',
      '--on-unsupported',
      'refuse',
      '--expires',
      '30d',
    )
    expect(made).toMatchObject({
      name: 'my app',
      models: ['sim/*', 'quick'],
      limits: {
        requests: [
          { count: 600, per: 'minute' },
          { count: 5000, per: 'hour' },
        ],
        tokens: [{ count: 1_000_000, per: 'day' }],
      },
      budgets: [
        { usd: '25', per: 'month' },
        { usd: '0.5', per: 'day' },
      ],
      on_unsupported: 'refuse',
      created: '2026-11-21T12:00:00.000Z',
      expires: '2026-12-21T12:00:00.000Z',
    })
    const list = await place.run(['keys', 'list', '--json'])
    expect(list.stdout).not.toContain(made['secret'])
    const { keys } = JSON.parse(list.stdout) as { keys: object[] }
    expect(keys).toMatchObject([
      {
        id: 'cfg_ci',
        origin: 'config',
        state: 'active',
        budgets: [{ usd: '25', per: 'month', spent_usd: '0' }],
        on_unsupported: null,
        spent_usd: '0',
        created: null,
      },
      { id: made['id'], origin: 'database', state: 'active', revoked: null },
    ])
    expect((await place.run(['keys', 'list'])).stdout).toMatch(
      /my app +key_\S+ +sg-\S+… +sim\/\* +600\/minute requests +\$0 of \$25\/month/,
    )
    expect(await parsed('keys', 'revoke', String(made['id']))).toEqual({
      id: made['id'],
      name: 'my app',
      revoked: '2026-11-21T12:00:00.000Z',
    })
    expect(await place.run(['keys', 'revoke', 'my app'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    })
  })

  it('refuses a name that is taken, here or in the configuration', async () => {
    expect((await place.run(['keys', 'create', 'twin'])).code).toBe(0)
    expect(await place.run(['keys', 'create', 'twin'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('"twin" already'),
    })
    expect(await place.run(['keys', 'create', 'ci'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the configuration has a key'),
    })
  })

  it('says what to write instead of what it cannot read, and ends with 2', async () => {
    const wrong: [string, string, string][] = [
      ['--requests', 'many', '600/min'],
      ['--tokens', '0/day', 'leave the key out'],
      ['--budget', '25', '25/month'],
      ['--budget', '0/day', 'allows nothing'],
      ['--expires', 'soon', '30d'],
      ['--expires', '2020-01-01', 'over already'],
      ['--models', ' , ', 'leave it out'],
    ]
    for (const [option, value, hint] of wrong) {
      const { code, stdout, stderr } = await place.run(['keys', 'create', 'x', option, value])
      expect({ option, value, code, stdout }).toEqual({ option, value, code: 2, stdout: '' })
      expect(stderr).toContain(hint)
    }
  })

  it('warns of a model that does not exist, and suggests the nearest name', async () => {
    const { code, stderr } = await place.run(['keys', 'create', 'slip', '--models', 'quikc'])
    expect(code).toBe(0)
    expect(stderr).toContain('no model is called quikc at the moment; did you mean quick?')
  })

  it('suggests the nearest key, and does not revoke those of the configuration', async () => {
    expect(await place.run(['keys', 'revoke', 'twni'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "twin"?'),
    })
    expect(await place.run(['keys', 'revoke', 'ci'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in the configuration'),
    })
  })
})

describe('sluicegate models and info', () => {
  it('lists every name with who serves it and its price', async () => {
    const { models } = (await parsed('models')) as {
      models: { name: string; kind: string; deployments: { id: string; price: unknown }[] }[]
    }
    const named = new Map(models.map((model) => [model.name, model]))
    expect(named.get('quick')).toMatchObject({ kind: 'alias', deployments: [{ id: 'sim/fast' }] })
    expect(named.get('openai/not-in-any-price-list')?.deployments[0]).toMatchObject({ price: null })
    expect(named.get('main')).toMatchObject({ kind: 'router', deployments: [{ id: 'sim/fault' }, { id: 'sim/fast' }] })
    expect(named.get('openai/gpt-4o')?.deployments[0]?.price).toMatchObject({
      usd_per_million: {
        input: { base: expect.stringMatching(/^[\d.]+$/) },
        output: { base: expect.stringMatching(/^[\d.]+$/) },
      },
    })
    expect((await place.run(['models', '--search', 'GPT 4o'])).stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(await place.run(['models', '--search', 'nothing-has-this'])).toMatchObject({ code: 0, stdout: '' })
  })

  interface Known {
    readonly name: string
    readonly kind: string
    readonly deployments: readonly {
      readonly facts: { readonly context_window: number | null; readonly input_modalities: string[] | null }
      readonly price: object | null
    }[]
  }
  const models = async (...argv: string[]): Promise<Known[]> =>
    ((await parsed('models', ...argv)) as unknown as { models: Known[] }).models

  it('searches what is configured by what it can', async () => {
    const found = await models('--search', 'vision ctx>=100k')
    expect(found.map(({ name }) => name)).toEqual(['openai/gpt-4o'])
    expect(found[0]?.deployments[0]?.facts).toMatchObject({
      context_window: 128_000,
      input_modalities: expect.arrayContaining(['image']),
    })
    expect(await models('--search', 'vision ctx>=1m')).toEqual([])
    expect(await place.run(['models', '--search', 'ctx>=lots'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('ctx>=200k'),
    })
  })

  it('lists and searches everything that is known', async () => {
    const all = await models('--all')
    expect(all.length).toBeGreaterThan(1500)
    expect(all.every(({ kind }) => kind === 'catalog')).toBe(true)
    const long = await models('--all', '--search', 'anthropic/ reasoning vision ctx>=900k')
    expect(long.length).toBeGreaterThan(0)
    for (const { name, deployments } of long) {
      expect(name).toContain('anthropic/')
      expect(deployments[0]?.facts.context_window).toBeGreaterThanOrEqual(900_000)
    }
    expect((await models('--all', '--search', 'embedding')).length).toBeGreaterThan(20)
    const { code, stdout, stderr } = await place.run(['models', '--all', '--search', 'deepinfra/ audio'])
    expect({ code, head: stdout.split('\n')[0] }).toMatchObject({
      code: 0,
      head: expect.stringMatching(/^NAME +KIND +SERVED BY +CONTEXT +MAX OUT +\$\/M IN +\$\/M OUT$/),
    })
    expect(stderr).toMatch(/^\d+ names?/)
  })

  it('tells of one model all that is known, and who says so', async () => {
    const { code, stdout } = await place.run(['models', 'openai/gpt-4o'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^context +128000 tokens$/m)
    expect(stdout).toMatch(/^vision +yes$/m)
    expect(stdout).toMatch(/^price +input 2\.5$/m)
    expect(stdout).toMatch(/^sources +.+, read \d{4}-\d\d-\d\d$/m)
    expect((await place.run(['models', 'main'])).stdout).toMatch(/sim\/fault[^]+sim\/fast/)
    expect((await place.run(['models', 'openai/not-in-any-price-list'])).stdout).toMatch(/^context +unknown$/m)
  })

  it('tells of models that are not configured, by their provider or by their name alone', async () => {
    const one = await parsed('models', 'anthropic/claude-opus-4-5')
    expect(one).toMatchObject({ kind: 'catalog', deployments: [{ id: 'anthropic/claude-opus-4-5' }] })
    const many = (await parsed('models', 'claude-opus-4-5')) as { deployments: { id: string }[] }
    expect(many.deployments.map(({ id }) => id)).toContain('anthropic/claude-opus-4-5')
    expect(many.deployments.length).toBeGreaterThan(1)
    expect(await place.run(['models', 'quikc'])).toMatchObject({ code: 1, stderr: expect.stringContaining('quick') })
    expect(await place.run(['models', 'quick', '--all'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('tells versions, places and counts', async () => {
    place.write('info.yaml', 'data: { dir: ./none }\nproviders: { sim: {} }\nserver: { port: 0 }\n')
    const { code, stdout } = await place.run(['info', '--json', '--config', 'info.yaml'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: '1.2.3',
      node: process.version,
      config: { kind: 'file', path: join(place.dir, 'info.yaml') },
      data_dir: join(place.dir, 'none'),
      database_bytes: null,
      gateway: { url: null, running: false },
      plan: { providers: ['sim'] },
    })
    expect(existsSync(join(place.dir, 'none'))).toBe(false)
  })
})

describe('sluicegate providers', () => {
  interface Listed {
    readonly id: string
    readonly configured: readonly string[]
    readonly on_by_itself: boolean
    readonly env: readonly string[]
  }

  it('lists every service, and under which names the configuration has it', async () => {
    place.write(
      'two.yaml',
      'providers: { sim: {}, mine: { use: openai, credentials: none }, openai: { credentials: none } }\n',
    )
    const { providers } = (await parsed('providers', '--config', 'two.yaml')) as unknown as { providers: Listed[] }
    expect(providers.filter(({ configured }) => configured.length > 0)).toMatchObject([
      { id: 'openai', configured: ['mine', 'openai'], on_by_itself: true, env: ['OPENAI_API_KEY'] },
      { id: 'sim', configured: ['sim'], on_by_itself: false },
    ])
    const { code, stdout, stderr } = await place.run(['providers', '--config', 'two.yaml'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^openai +OpenAI +openai-chat .+ OPENAI_API_KEY +mine openai$/m)
    expect(stdout.trim().split('\n').length).toBeGreaterThan(providers.length)
    expect(stderr).toContain('2 configured')
  })

  it('finds one by its name', async () => {
    const { stdout } = await place.run(['providers', '--search', 'model studio'])
    expect(stdout.trim().split('\n')).toHaveLength(2)
    expect(stdout).toContain('DASHSCOPE_API_KEY')
    expect(await place.run(['providers', '--search', 'nobody at all'])).toMatchObject({ code: 0, stdout: '' })
  })

  it('shows what the environment alone turns on, and no key', async () => {
    using empty = newPlace()
    const env = { GROQ_API_KEY: 'gsk-secret-of-mine', VLLM_API_KEY: 'k', VLLM_URL: '' }
    const { stdout } = await empty.run(['providers', '--json'], env)
    const { providers } = JSON.parse(stdout) as { providers: Listed[] }
    expect(providers.filter(({ configured }) => configured.length > 0).map(({ id }) => id)).toEqual(['groq', 'sim'])
    expect(stdout).not.toContain('gsk-secret')
  })
})

describe('sluicegate test', () => {
  it('prints the answer alone on standard output, and what it took beside it', async () => {
    const { code, stdout, stderr } = await place.run(['test', 'sim/echo', 'Say this \u001b[31magain'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Say this \u001b[31magain\n' })
    expect(stderr).toMatch(/answered\n +time +first token after .+, .+ in all\n +tokens +\d+ in, \d+ out/)
    expect(stderr).toMatch(/served by +sim\/echo/)
    expect(existsSync(join(place.dir, 'data', 'lock.db'))).toBe(false)
  })

  it('speaks both protocols', async () => {
    for (const [surface, ...options] of [['openai-chat'], ['anthropic-messages', '--anthropic']]) {
      const result = await parsed('test', 'sim/reasoning', 'Hello', ...options)
      expect(result).toMatchObject({
        ok: true,
        surface,
        provider: 'sim',
        finish: 'stop',
        attempts: [{ status: 200 }],
        fault: null,
      })
      expect(result['text']).not.toBe('')
      expect(result['usage']).toMatchObject({ output_tokens: expect.any(Number) })
    }
  })

  it('shows every attempt and what failed, and ends with 1', async () => {
    place.write('one.yaml', 'providers: { sim: {} }\nretries: { rounds: 1 }\n')
    const failed = await place.run(['test', 'sim/fault?status=429', '--config', 'one.yaml'])
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('provider_rate_limited')
    expect(failed.stderr).toMatch(/\d attempts? +sim\/fault\?status=429 after .*\(429\)/)
    const unknown = await place.run(['test', 'sim-tekst', '--json', '--config', 'one.yaml'])
    expect(unknown.code).toBe(1)
    expect(JSON.parse(unknown.stdout)).toMatchObject({ ok: false, fault: { code: 'model_not_found' }, attempts: [] })
  })
})

describe('sluicegate usage', () => {
  it('has nothing to tell before the first exchange, and makes nothing', async () => {
    using fresh = newPlace()
    expect(await fresh.run(['usage'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('Nothing was asked since'),
    })
    expect(await fresh.run(['usage', '--records', '5'])).toMatchObject({ code: 0, stdout: '' })
    expect(readdirSync(fresh.dir)).toEqual([])
  })

  it('refuses what it cannot sum by, and keys that do not exist', async () => {
    expect(await place.run(['usage', '--by', 'hour'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('by model, provider, key, day'),
    })
    expect(await place.run(['usage', '--records', '0'])).toMatchObject({ code: 2 })
    expect(await place.run(['usage', '--since', '2026-02-30'])).toMatchObject({ code: 2 })
    expect(await place.run(['usage', '--key', 'nobody'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no key "nobody"'),
    })
  })
})

describe('sluicegate sim', () => {
  it('serves the simulator until it is told to stop', async () => {
    const simulator = place.start(['sim', '--port', '0'])
    const url = (await simulator.seen(/^listening on (http:\/\/127\.0\.0\.1:\d+)$/m))[1]!
    expect((await fetch(`${url}/health`)).status).toBe(200)
    simulator.process.kill('SIGINT')
    expect((await simulator.ended()).code).toBe(0)
  })
})
