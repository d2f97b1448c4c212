/** Loading a configuration: what a good one becomes, where it is looked for, and what the environment adds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Environment } from './interpolate.ts'
import { configFromEnvironment, loadConfig, parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { registry } from './registry.fixture.ts'

const parse = (text: string, env: Environment = {}) =>
  parseConfig(text, { file: 'sluicegate.yaml', baseDir: '/etc/gate', cwd: '/home/me', env, registry })

const secret = 'sk-0123456789abcdef'

describe('a good configuration', () => {
  it('is resolved whole', () => {
    const { config, warnings } = parse(
      `server:    { host: 127.0.0.1, port: 8080 }
data:      { dir: ./data }
providers:
  openai:  { credentials: "\${OPENAI_API_KEY}", prices: { input: 3 } }
  local:
    use: openai-compatible
    base_url: "http://127.0.0.1:8000/v1"
    models: [llama-3.3-70b]
    stream_usage: always
    timeouts: { first_byte: 90s }
  claude:
    use: anthropic
    base_url: "https://claude.example"
    credentials: ["\${KEY_A}", "\${KEY_B}"]
    headers: { X-Team: search }
    models: { claude-sonnet-4-5: { max_output: 64000, prices: { input: "3", output: 15 } }, claude-haiku-4-5: }
models:
  gpt-4o:  { deployments: [ { provider: openai, model: gpt-4o-2024-11-20, max_output: 16384, prices: { input: 2.5 } } ] }
aliases:   { fast: openai/gpt-4o-mini, faster: fast }
routers:
  main:    { strategy: fallback, targets: [gpt-4o, claude/claude-sonnet-4-5] }
  split:   { strategy: weighted, targets: [{ target: main, weight: 3 }, fast] }
prices:
  openai/gpt-4o-mini: { input: { base: 0.15, tiers: [{ above: 1000, rate: 0.3 }] }, server_tools: { search: 0.01 } }
keys:
  - { name: ci, secret: "\${CI_KEY}", models: ["*"], limits: { requests: 600/min, tokens: 1000000/day } }
  - { name: app, secret: ${secret}, limits: { requests: [1/s, 30/min] }, budget: { usd: 0.5, per: month }, expires: 2027-01-31 }
timeouts:  { total: 5m }
`,
      { OPENAI_API_KEY: 'sk-o', KEY_A: 'sk-a', KEY_B: 'sk-b', CI_KEY: 'ci-0123456789abcdef' },
    )
    expect(warnings).toEqual([])
    expect(config.data.dir).toBe('/etc/gate/data')
    expect(config.providers.get('openai')).toEqual({
      name: 'openai',
      use: 'openai',
      circuit: {
        enabled: true,
        failures: 5,
        errorRatio: 0.5,
        minRequests: 20,
        window: 60_000,
        recovery: 60_000,
        maxRecovery: 300_000,
        successes: 3,
        probes: 1,
      },
      options: {},
      credentials: ['sk-o'],
      discover: 'auto',
      headers: {},
      streamUsage: 'auto',
      supports: {},
      timeouts: { connect: 5000, firstByte: 300_000, stall: 120_000 },
      prices: {
        other: { source: 'config', input: { base: 3e9 } },
        models: new Map([
          [
            'gpt-4o-mini',
            {
              source: 'config',
              input: { base: 150_000_000, tiers: [{ above: 1000, rate: 300_000_000 }] },
              serverTools: { search: 10_000_000 * 1_000_000 },
            },
          ],
        ]),
      },
    })
    expect(config.providers.get('local')).toMatchObject({
      use: 'openai-compatible',
      options: { base_url: 'http://127.0.0.1:8000/v1' },
      credentials: [],
      models: new Map([['llama-3.3-70b', {}]]),
      streamUsage: 'always',
      timeouts: { connect: 5000, firstByte: 90_000, stall: 120_000 },
    })
    expect(config.providers.get('claude')).toMatchObject({
      credentials: ['sk-a', 'sk-b'],
      headers: { 'x-team': 'search' },
      models: new Map([
        ['claude-sonnet-4-5', { maxOutput: 64_000 }],
        ['claude-haiku-4-5', {}],
      ]),
      prices: {
        models: new Map([['claude-sonnet-4-5', { source: 'config', input: { base: 3e9 }, output: { base: 15e9 } }]]),
      },
    })
    expect(config.models.get('gpt-4o')?.deployments).toEqual([
      {
        provider: 'openai',
        model: 'gpt-4o-2024-11-20',
        maxOutput: 16_384,
        prices: { source: 'config', input: { base: 2.5e9 } },
      },
    ])
    expect([...config.aliases]).toEqual([
      ['fast', 'openai/gpt-4o-mini'],
      ['faster', 'fast'],
    ])
    expect(config.routers.get('split')).toEqual({
      name: 'split',
      strategy: 'weighted',
      options: {},
      targets: [
        { target: 'main', options: { weight: 3 } },
        { target: 'fast', options: { weight: 1 } },
      ],
    })
    expect(config.keys).toEqual([
      {
        name: 'ci',
        secret: 'ci-0123456789abcdef',
        policy: {
          models: ['*'],
          requests: [{ count: 600, per: 'minute' }],
          tokens: [{ count: 1_000_000, per: 'day' }],
        },
      },
      {
        name: 'app',
        secret,
        policy: {
          models: ['*'],
          requests: [
            { count: 1, per: 'second' },
            { count: 30, per: 'minute' },
          ],
          budgets: [{ usd: 500_000_000, per: 'month' }],
        },
        expiresAt: Date.UTC(2027, 0, 31),
      },
    ])
    expect(config.timeouts).toEqual({ connect: 5000, firstByte: 300_000, stall: 120_000, total: 300_000 })
  })

  it('may be empty: everything has a default, and keys are required', () => {
    for (const text of ['', '# nothing\n', '{}']) {
      const { config, warnings } = parse(text)
      expect(config.auth.required).toBe(true)
      expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8080, bodyLimit: 32 * 1024 * 1024 })
      expect(warnings.map(({ path }) => path)).toEqual(['providers'])
    }
  })

  it('may use anchors and aliases', () => {
    const { config } = parse('timeouts: { connect: &short 2s, stall: *short }\n')
    expect(config.timeouts).toMatchObject({ connect: 2000, stall: 2000 })
  })

  it('may keep names that every object has', () => {
    const { config } = parse(
      'providers: { constructor: { use: sim } }\naliases: { toString: constructor/x, hasOwnProperty: toString }\n',
    )
    expect(config.providers.get('constructor')?.use).toBe('sim')
    expect(config.aliases.get('hasOwnProperty')).toBe('toString')
  })

  it('takes the usual variable of a driver as its credential, but never sends it to another address', () => {
    const env = { OPENAI_API_KEY: 'sk-usual' }
    expect(parse('providers: { openai: }', env).config.providers.get('openai')?.credentials).toEqual(['sk-usual'])
    expect(parse('providers: { mine: { use: openai } }', env).config.providers.get('mine')?.credentials).toEqual([
      'sk-usual',
    ])
    expect(() => parse('providers: { openai: { base_url: "https://elsewhere.example" } }', env)).toThrow(
      'has no credentials',
    )
  })

  it("fills a driver's own fields from its usual variables, each group as a whole, for its own address alone", () => {
    const env = { CLOUD_REGION: ' west ', CLOUD_KEY: 'id', CLOUD_SECRET: 's' }
    const cloud = (fields: string) => parse(`providers: { cloud: { ${fields} } }`, env).config.providers.get('cloud')
    expect(cloud('models: [m]')).toMatchObject({
      options: { region: 'west', key_id: 'id', key_secret: 's' },
      credentials: [],
    })
    expect(cloud('region: east')?.options).toEqual({ region: 'east', key_id: 'id', key_secret: 's' })
    expect(cloud('key_id: mine')?.options).toEqual({ region: 'west', key_id: 'mine' })
    const both = parse('providers: { cloud: { key_id: mine } }', { ...env, CLOUD_TOKEN: 't' })
    expect(both.config.providers.get('cloud')?.credentials).toEqual([])
    expect(() => cloud('region: east, base_url: "https://elsewhere.example"')).toThrow('has no credentials')
    expect(() => parse('providers: { cloud: { region: east } }')).toThrow('has no credentials')
    expect(() => parse('providers: { cloud: { credentials: t } }')).toThrow('region')
  })

  it('lets a loopback address go without keys', () => {
    for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '"::1"']) {
      expect(parse(`server: { host: ${host} }\nauth: { required: false }\n`).config.auth.required).toBe(false)
    }
  })

  it('is warned of where it works but hardly as meant', () => {
    const { warnings } = parse(`providers:
  sim: { models: [echo] }
aliases: { a: sim/ecko }
keys: [{ name: k, secret: short, models: [ecoh, sim/*] }]
`)
    expect(
      warnings.map(({ line, column, path, message, hint }) => `${line}:${column} ${path} ${message} (${hint})`),
    ).toEqual([
      '3:15 aliases.a provider `sim` does not list this model (did you mean `echo`?)',
      '4:27 keys[0].secret is short enough to be guessed (`openssl rand -hex 24` makes a good one)',
      '4:43 keys[0].models[0] allows nothing: no model, alias or router has this name (known here: `a`, `sim/echo`)',
    ])
  })
})

describe('a key that is another service’s by its looks', () => {
  const warned = (text: string, env: Environment = {}) =>
    parse(text, env).warnings.map(
      ({ line, column, path, message, hint }) => `${line}:${column} ${path} ${message} (${hint})`,
    )
  const told = 'looks like a key of anthropic, which openai will hardly take (configure it under `anthropic`)'

  it('is told of where it stands, and without a word of it', () => {
    expect(warned('providers:\n  openai: { credentials: [sk-proj-a, sk-ant-b] }')).toEqual([
      `2:38 providers.openai.credentials[1] ${told}`,
    ])
    expect(warned('providers:\n  openai: { credentials: "${K}" }', { K: 'sk-ant-b' })).toEqual([
      `2:26 providers.openai.credentials ${told}`,
    ])
    expect(warned('providers:\n  openai: {}', { OPENAI_API_KEY: 'sk-ant-b' })).toEqual([`2:3 providers.openai ${told}`])
  })

  it('is nobody’s business at an address of one’s own, and right where it belongs', () => {
    expect(warned('providers: { openai: { base_url: "http://x/v1", credentials: sk-ant-b } }')).toEqual([])
    expect(
      warned('providers: { a: { use: anthropic, credentials: sk-ant-b }, openai: { credentials: sk-x } }'),
    ).toEqual([])
  })
})

describe('a name of a service that is gone', () => {
  it('leads to what took its place, with a warning', () => {
    const { config, warnings } = parse(
      'providers:\n  claude-text: { credentials: k }\n  b: { use: claude-text, credentials: k }',
    )
    expect([...config.providers.values()].map(({ name, use }) => [name, use])).toEqual([
      ['claude-text', 'anthropic'],
      ['b', 'anthropic'],
    ])
    expect(warnings.map(({ line, path, message, hint }) => `${line} ${path} ${message} (${hint})`)).toEqual([
      '2 providers.claude-text names a service that is gone; `anthropic` took its place and is called instead (set `use: anthropic`)',
      '3 providers.b.use names a service that is gone; `anthropic` took its place and is called instead (set `use: anthropic`)',
    ])
  })
})

describe('where the configuration is looked for', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'sluicegate-config-'))
    onTestFinished(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  it('is --config, then SLUICEGATE_CONFIG, then the working directory, then the environment', () => {
    const cwd = folder()
    const load = (path?: string, env: Environment = {}) => {
      const { config, source } = loadConfig({ ...(path === undefined ? {} : { path }), env, cwd, registry })
      return [config.server.port, source.kind === 'file' ? source.path : source.kind]
    }
    expect(load()).toEqual([8080, 'environment'])
    for (const [name, port] of [
      ['sluicegate.yaml', 1],
      ['a.yaml', 2],
      ['b.yaml', 3],
    ] as const) {
      writeFileSync(join(cwd, name), `server: { port: ${port} }\n`)
    }
    expect(load()).toEqual([1, join(cwd, 'sluicegate.yaml')])
    expect(load(undefined, { SLUICEGATE_CONFIG: 'a.yaml' })).toEqual([2, join(cwd, 'a.yaml')])
    expect(load('b.yaml', { SLUICEGATE_CONFIG: 'a.yaml' })).toEqual([3, join(cwd, 'b.yaml')])
    expect(load(join(cwd, 'b.yaml'))).toEqual([3, join(cwd, 'b.yaml')])
  })

  it('is refused when it is named and not there, not readable or not text', () => {
    const cwd = folder()
    const problem = (path: string): string => {
      try {
        loadConfig({ path, env: {}, cwd, registry })
      } catch (error) {
        if (error instanceof ConfigError) return error.message
      }
      return 'no problem'
    }
    writeFileSync(join(cwd, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]))
    expect(problem('gone.yaml')).toBe('gone.yaml: there is no such file')
    expect(problem('.')).toBe('.: cannot be read (EISDIR)')
    expect(problem('latin1.yaml')).toBe('latin1.yaml: is not valid UTF-8')
  })
})

describe('the environment', () => {
  const from = (env: Environment) => configFromEnvironment(env, registry, '/home/me').config

  it('leaves out a service whose variables do not say all that it needs', () => {
    expect([...from({ CLOUD_TOKEN: 'token' }).providers.keys()]).not.toContain('cloud')
    const { providers } = from({ CLOUD_TOKEN: 'token', CLOUD_REGION: 'eu-1' })
    expect(providers.get('cloud')).toMatchObject({ options: { region: 'eu-1' }, credentials: ['token'] })
  })

  it('alone turns on the simulator and every provider whose variable is set', () => {
    expect([...from({}).providers.keys()]).toEqual(['sim'])
    const { providers } = from({ OPENAI_API_KEY: ' sk-o ', CLAUDE_API_KEY: 'sk-c', ANTHROPIC_API_KEY: '' })
    expect([...providers].map(([name, { credentials }]) => [name, credentials])).toEqual([
      ['openai', ['sk-o']],
      ['anthropic', ['sk-c']],
      ['sim', []],
    ])
  })

  it('makes a provider of a vLLM server', () => {
    expect(from({ VLLM_URL: 'http://127.0.0.1:8000', VLLM_API_KEY: 'k' }).providers.get('vllm')).toMatchObject({
      use: 'vllm',
      options: { base_url: 'http://127.0.0.1:8000' },
      credentials: ['k'],
    })
    expect(from({ VLLM_URL: 'http://127.0.0.1:8000' }).providers.get('vllm')?.credentials).toEqual([])
    expect(from({ VLLM_API_KEY: 'k' }).providers.has('vllm')).toBe(false)
  })

  it('makes a provider of an Ollama server, and of its cloud where there is only a key', () => {
    const ollama = (env: Environment) => from(env).providers.get('ollama')
    expect(ollama({ OLLAMA_HOST: 'gpu.local' })).toMatchObject({
      use: 'ollama',
      options: { base_url: 'http://gpu.local:11434' },
      credentials: [],
    })
    expect(ollama({ OLLAMA_HOST: 'https://ollama.com', OLLAMA_API_KEY: 'k' })?.credentials).toEqual(['k'])
    expect(ollama({ OLLAMA_API_KEY: ' k ' })).toMatchObject({
      options: { base_url: 'https://ollama.com' },
      credentials: ['k'],
    })
    expect(ollama({ OLLAMA_HOST: ' ' })).toBeUndefined()
  })

  it('gives address, data and keys', () => {
    const config = from({
      GATEWAY_HOST: '0.0.0.0',
      GATEWAY_PORT: '9000',
      GATEWAY_DATA_DIR: 'state',
      GATEWAY_API_KEYS: ` ${secret}, ,other-0123456789abc,${secret}`,
    })
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 9000 })
    expect(config.data.dir).toBe('/home/me/state')
    expect(config.keys).toEqual([
      { name: 'env-1', secret, policy: { models: ['*'] } },
      { name: 'env-2', secret: 'other-0123456789abc', policy: { models: ['*'] } },
    ])
  })

  it('fills in what a file leaves open, and nothing else', () => {
    const env = {
      GATEWAY_PORT: '9000',
      GATEWAY_HOST: '::1',
      GATEWAY_DATA_DIR: 'state',
      GATEWAY_API_KEYS: secret,
      OPENAI_API_KEY: 'sk-o',
      VLLM_URL: 'http://127.0.0.1:8000',
    }
    const silent = parse('providers: { sim: }', env).config
    expect(silent.server).toMatchObject({ host: '::1', port: 9000 })
    expect(silent.data.dir).toBe('/home/me/state')
    expect(silent.keys.map(({ name }) => name)).toEqual(['env-1'])
    expect([...silent.providers.keys()]).toEqual(['sim'])
    const outspoken = parse('server: { port: 1, host: localhost }\ndata: { dir: d }\nkeys: []', env).config
    expect(outspoken.server).toMatchObject({ host: 'localhost', port: 1 })
    expect(outspoken.data.dir).toBe('/etc/gate/d')
    expect(outspoken.keys).toEqual([])
  })

  it('is named in what is wrong with it, without its value', () => {
    const problems = (env: Environment): string[] => {
      try {
        from(env)
      } catch (error) {
        if (error instanceof ConfigError) return error.message.split('\n')
      }
      return []
    }
    expect(problems({ GATEWAY_PORT: 'eighty' })).toEqual(['environment: GATEWAY_PORT: is not a whole number'])
    expect(problems({ VLLM_URL: 'not a url' })).toEqual([expect.stringMatching(/^environment: VLLM_URL: /)])
    expect(problems({ OLLAMA_HOST: 'not a url' })).toEqual([expect.stringMatching(/^environment: OLLAMA_HOST: /)])
    expect(problems({ GATEWAY_API_KEYS: 'two words' })).toEqual([
      expect.stringMatching(/^environment: GATEWAY_API_KEYS: must be printable/),
    ])
  })
})
