/** Everything that can be wrong with a configuration, with its exact place and the way out; and that no secret is ever shown. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import type { Environment } from './interpolate.ts'
import { parseConfig } from './load.ts'
import { ConfigError, formatPath } from './problem.ts'
import { registry } from './registry.fixture.ts'

function problems(text: string, env: Environment = {}): string[] {
  try {
    parseConfig(text, { file: 'f', baseDir: '/', cwd: '/', env, registry })
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

const cases: readonly (readonly [about: string, text: string, ...expected: string[]])[] = [
  ['an unknown section', 'servr: {}', 'f:1:1: servr: is not a known key (did you mean `server`?)'],
  ['an unknown key', 'server:\n  prot: 1', 'f:2:3: server.prot: is not a known key (did you mean `port`?)'],
  [
    'a protocol that the provider does not speak',
    'providers: { x: { use: openai-compatible, base_url: "http://x/v1", protocol: gemini } }',
    'f:1:78: providers.x.protocol: is not a protocol that openai-compatible speaks (it speaks `openai-chat`)',
  ],
  [
    'an unknown key with no near one',
    'translation: { banana: 1 }',
    'f:1:16: translation.banana: is not a known key (known here: `on_unsupported`, `prompt_caching`)',
  ],
  [
    'more repairs than anybody waits for',
    'structured_output: { repairs: 6, validate: never }',
    'f:1:31: structured_output.repairs: must be at most 5',
    'f:1:44: structured_output.validate: must be `emulated` or `always`',
  ],
  ['a key that stands twice', 'data: {}\ndata: {}', 'f:2:1: this key stands here for the second time'],
  ['a section that is no map', 'timeouts: 30s', 'f:1:11: timeouts: expected a map'],
  ['a document that is no map', '- 1', 'f:1:1: expected a map'],
  [
    'a duration without a unit',
    'timeouts: { total: 30 }',
    'f:1:20: timeouts.total: is not a duration (write a number with ms, s, m, h or d: `500ms`, `30s`, `1m30s`)',
  ],
  ['a duration of nothing', 'timeouts: { total: 0 }', 'f:1:20: timeouts.total: must be longer than 0'],
  ['a map for a duration', 'timeouts: { total: {} }', 'f:1:20: timeouts.total: expected a duration'],
  ['a port out of range', 'server: { port: 65536 }', 'f:1:17: server.port: must be at most 65535'],
  ['a flag that is none', 'logging: { content: maybe }', 'f:1:21: logging.content: is neither true nor false'],
  [
    'a word that is not of the list',
    'journal: { on_full: drop-oldest }',
    'f:1:21: journal.on_full: must be `drop_oldest` or `refuse` (did you mean `drop_oldest`?)',
  ],
  [
    'half of a key of a bucket',
    'files: { s3: { bucket: b2, access_key_id: a } }',
    'f:1:14: files.s3: has one of `access_key_id` and `secret_access_key` without the other',
  ],
  [
    'a purpose that is none',
    'keys: [{ name: a, secret: 0123456789abcdef, files: { purposes: [fun] } }]',
    'f:1:65: keys[0].files.purposes[0]: must be `assistants` or `batch` or `fine-tune` or `vision` or `user_data` or `evals`',
  ],
  ['a retention of nothing', 'responses: { retention: 0s }', 'f:1:25: responses.retention: must be longer than 0'],
  [
    'no room for background responses',
    'responses: { background: { max_running: 0 } }',
    'f:1:41: responses.background.max_running: must be at least 1',
  ],
  [
    'overrides of who answers',
    'providers: { sim: }\nrouters:\n  a: { strategy: fallback, targets: [{ target: sim/x, override: { model: y, temperature: 0, stream: true } }] }',
    'f:3:74: routers.a.targets[0].override.model: cannot be overridden: name another target in its place',
    'f:3:101: routers.a.targets[0].override.stream: is for the client to say',
  ],
  [
    'shares beyond their bounds',
    'circuit_breaker: { error_ratio: 0, failures: 0, probes: 101 }',
    'f:1:33: circuit_breaker.error_ratio: must be more than 0',
    'f:1:46: circuit_breaker.failures: must be at least 1',
    'f:1:57: circuit_breaker.probes: must be at most 100',
  ],
  ['a number for text', 'data: { dir: 5 }', 'f:1:14: data.dir: expected text (put it in quotes)'],
  [
    'a driver that is not there',
    'providers:\n  openia:',
    'f:2:3: providers.openia: no provider driver is called `openia` (did you mean `openai`? or set `use`)',
  ],
  [
    'a driver that is not there, by use, and an unknown field beside it',
    'providers:\n  a: { use: antropic, credental: x }',
    'f:2:13: providers.a.use: no provider driver is called `antropic` (did you mean `anthropic`?)',
    'f:2:23: providers.a.credental: is not a known key (did you mean `credentials`?)',
  ],
  [
    'fields of a driver',
    'providers:\n  a:\n    use: openai-compatible\n    base_ur: x\n  b: { use: openai, credentials: x, base_url: nowhere }',
    'f:2:3: providers.a.base_url: is missing',
    'f:4:5: providers.a.base_ur: is not a known key (did you mean `base_url`?)',
    'f:5:47: providers.b.base_url: is not a valid url',
  ],
  [
    'a field that belongs to every provider, misspelt',
    'providers: { sim: { stream_usag: auto } }',
    'f:1:21: providers.sim.stream_usag: is not a known key (did you mean `stream_usage`?)',
  ],
  [
    'a provider without credentials',
    'providers: { openai: }',
    'f:1:14: providers.openai: has no credentials (set `credentials: "${OPENAI_API_KEY}"`)',
  ],
  [
    'what only a driver can see',
    'providers: { cloud: { region: r, key_id: gone } }',
    'f:1:42: providers.cloud.key_id: is gone (get another)',
  ],
  [
    'an empty credential',
    'providers: { openai: { credentials: "" } }',
    'f:1:37: providers.openai.credentials: must not be empty',
  ],
  [
    'an empty credential in a list',
    'providers: { openai: { credentials: [a, " "] } }',
    'f:1:41: providers.openai.credentials[1]: must not be empty',
  ],
  [
    'a credential that no header can carry',
    'providers: { openai: { credentials: ["a b", "clé"] } }',
    'f:1:38: providers.openai.credentials[0]: contains spaces, line breaks or other characters that no key has',
    'f:1:45: providers.openai.credentials[1]: contains spaces, line breaks or other characters that no key has',
  ],
  [
    'a header in characters that none can carry',
    'providers: { sim: { headers: { "x-latin": "é", "x-price": "€ 5" } } }',
    'f:1:59: providers.sim.headers.x-price: must be one line of characters that a header can carry',
  ],
  [
    'a header that the gateway sets',
    'providers: { sim: { headers: { Host: x, "a b": y, ok: "1\\n2" } } }',
    'f:1:32: providers.sim.headers.Host: is set by the gateway itself',
    'f:1:41: providers.sim.headers["a b"]: is not a header name',
    'f:1:55: providers.sim.headers.ok: must be one line of characters that a header can carry',
  ],
  [
    'a provider name with a slash',
    'providers: { a/b: { use: sim } }',
    'f:1:14: providers["a/b"]: must be letters, digits, `.`, `_` and `-`, as it stands before the slash in `provider/model`',
  ],
  [
    'a deployment of an unknown provider',
    'providers: { sim: }\nmodels:\n  m: { deployments: [{ provider: simm, model: x }] }',
    'f:3:34: models.m.deployments[0].provider: no provider is called `simm` (did you mean `sim`?)',
  ],
  [
    'a model without deployments',
    'models: { m: { deployments: [] } }',
    'f:1:29: models.m.deployments: must name at least one deployment',
  ],
  [
    'a model that says nothing',
    'models: { m: {} }',
    'f:1:14: models.m: has nobody to serve it (set `deployments`, `rerank` or `moderate`)',
  ],
  [
    'a model that stands in by nobody, by two, or beside its own deployments',
    'providers: { sim: }\nmodels:\n  a: { rerank: {} }\n  b: { rerank: { embeddings: sim/text, judge: sim/text } }\n  c: { moderate: { judge: sim/text }, deployments: [{ provider: sim, model: text }] }\n  d: { moderate: { judge: nowhere } }',
    'f:3:16: models.a.rerank: must have either `embeddings` or `judge`',
    'f:4:16: models.b.rerank: must have either `embeddings` or `judge`',
    'f:5:18: models.c.moderate: cannot stand beside `deployments` (make two models of it)',
    'f:6:27: models.d.moderate.judge: leads nowhere: it is no model, alias or router, and no `provider/model` of a configured provider (known here: `a`, `b`, `c`, `d`)',
  ],
  [
    'models that stand in for each other',
    'providers: { sim: }\nmodels:\n  a: { rerank: { judge: b } }\n  b: { rerank: { judge: a } }',
    'f:4:25: models.b.rerank.judge: goes round in a circle: a → b → a',
  ],
  [
    'an alias to nowhere',
    'providers: { sim: }\naliases: { a: simm/x, b: bb }',
    'f:2:15: aliases.a: leads nowhere: it is no model, alias or router, and no `provider/model` of a configured provider (did you mean `sim/x`?)',
    'f:2:26: aliases.b: leads nowhere: it is no model, alias or router, and no `provider/model` of a configured provider (did you mean `b`?)',
  ],
  [
    'an alias to a model without its provider',
    'providers: { sim: { models: [echo] } }\naliases: { a: echo }',
    'f:2:15: aliases.a: leads nowhere: it is no model, alias or router, and no `provider/model` of a configured provider (write `sim/echo`)',
  ],
  [
    'circles',
    'providers: { sim: }\naliases: { a: b, b: c, c: a, d: d, e: a }\nrouters: { r: { strategy: fallback, targets: [sim/x, { target: s }] }, s: { strategy: fallback, targets: [r] } }',
    'f:2:27: aliases.c: goes round in a circle: a → b → c → a',
    'f:2:33: aliases.d: goes round in a circle: d → d',
    'f:3:107: routers.s.targets[0]: goes round in a circle: r → s → r',
  ],
  [
    'one name for two things',
    'providers: { sim: }\nmodels: { x: { deployments: [{ provider: sim, model: m }] } }\naliases: { x: sim/a, y: sim/b }\nrouters: { y: { strategy: fallback, targets: [x] } }',
    'f:3:12: aliases.x: is already the name of a model',
    'f:4:12: routers.y: is already the name of an alias',
  ],
  [
    'routers',
    'providers: { sim: }\nrouters:\n  a: { strategy: falback, targets: [sim/x] }\n  b: { strategy: weighted, targets: [{ target: sim/x, wieght: 2 }, { target: sim/y, weight: 0 }] }\n  c: { targets: [5, { to: sim/x }] }\n  d: { strategy: fallback, targets: [] }',
    'f:3:18: routers.a.strategy: no strategy is called `falback` (did you mean `fallback`?)',
    'f:4:55: routers.b.targets[0].wieght: is not a known key (did you mean `weight`?)',
    'f:4:93: routers.b.targets[1].weight: must be at least 1',
    'f:5:3: routers.c.strategy: is missing',
    'f:5:18: routers.c.targets[0]: expected a name, or a map with `target`',
    'f:5:21: routers.c.targets[1]: expected a name, or a map with `target`',
    'f:6:37: routers.d.targets: must name at least one target',
  ],
  [
    'keys',
    `keys:
  - { name: a, secret: 0123456789abcdefg, limits: { requests: [5/min, 7/parsec], tokens: {} }, budget: { usd: -1, per: week } }
  - { name: a, secret: 0123456789abcdefg, models: [] }
  - { name: "", secret: "two words", budget: [{ usd: 1 }] }
  - just-a-name`,
    'f:2:71: keys[0].limits.requests[1]: is not a rate limit (write a whole number, a slash and second, minute, hour or day: `600/min`)',
    'f:2:90: keys[0].limits.tokens: expected a list or a rate limit',
    'f:2:111: keys[0].budget.usd: must not be negative',
    'f:2:120: keys[0].budget.per: must be `day` or `month` or `total`',
    'f:3:51: keys[1].models: must name at least one model; `["*"]` allows all',
    'f:4:13: keys[2].name: must have 1 to 128 characters',
    'f:4:25: keys[2].secret: must be printable ASCII without spaces, as it travels in a header',
    'f:4:47: keys[2].budget[0].per: is missing',
    'f:5:5: keys[3]: expected a map',
  ],
  [
    'two keys alike',
    'keys:\n  - { name: a, secret: 0123456789abcdefg }\n  - { name: a, secret: 0123456789abcdefg }',
    'f:3:13: keys[1].name: is the name of another key, too',
    'f:3:24: keys[1].secret: is the secret of keys[0], too',
  ],
  [
    'prices',
    'providers: { sim: { models: { a: { prices: { input: 1 } } } } }\nprices:\n  sim/a: { input: 1 }\n  simm/b: { input: 1 }\n  c: { input: 1 }\n  sim/d: {}\n  sim/e: { inptu: 1, input: 1e-12, output: { base: 1, tiers: [{ above: 5, rate: 1 }, { above: 5, rate: 2 }] } }',
    'f:4:3: prices["simm/b"]: no provider is called `simm` (did you mean `sim`?)',
    'f:5:3: prices.c: must be `provider/model`',
    'f:6:10: prices["sim/d"]: names no price',
    'f:7:12: prices["sim/e"].inptu: is not a known key (did you mean `input`?)',
    'f:7:29: prices["sim/e"].input: is not an amount of US dollars (write decimal US dollars, no finer than a billionth: `0.25`)',
    'f:7:95: prices["sim/e"].output.tiers[1].above: must be above the tier before it',
  ],
  [
    'a price given twice',
    'providers: { sim: { models: { a: { prices: { input: 1 } } } } }\nprices: { sim/a: { input: 1 } }',
    'f:2:11: prices["sim/a"]: is priced a second time: the entry of the provider names prices of this model, too',
  ],
  [
    'open to other machines without keys',
    'server: { host: 0.0.0.0 }\nauth: { required: false }',
    'f:2:19: auth.required: is refused, because other machines can reach `server.host` (listen on 127.0.0.1, or require keys)',
  ],
  [
    'the same beside a section that is wrong',
    'server: { host: "::" }\nauth: { required: false }\nmetrics: 5',
    'f:2:19: auth.required: is refused, because other machines can reach `server.host` (listen on 127.0.0.1, or require keys)',
    'f:3:10: metrics: expected a map',
  ],
  [
    'delays the wrong way round',
    'retries: { base_delay: 10s }',
    'f:1:24: retries.base_delay: is longer than `retries.max_delay`',
  ],
  [
    'a variable that is not set',
    'providers: { openai: { credentials: ["${NOPE}"] } }',
    'f:1:38: providers.openai.credentials[0]: the environment variable NOPE is not set (set it, or give a default: `${NOPE:-…}`)',
  ],
  [
    'a malformed variable',
    'data: { dir: "${no pe}" }',
    'f:1:14: data.dir: has a `${` that begins no environment variable (write `${NAME}` or `${NAME:-default}`; `$${` stands for a literal `${`)',
  ],
  [
    'a variable without quotes where it needs them',
    'providers: { openai: { credentials: ${KEY} } }',
    'f:1:38: is not expected here; text with `{`, `[`, `#` or `: ` in it, such as `${NAME}` inside `{ }`, needs quotes',
  ],
  ['a tab', 'server:\n\tport: 1', 'f:2:1: tabs cannot indent; use spaces'],
  ['an anchor that is not there', 'server: { port: *p }', 'f:1:17: server.port: refers to an anchor that is not there'],
  ['an anchor within itself', 'aliases: &k { a: *k }', 'f:1:18: aliases.a: refers to what it is in'],
  ['a tag', 'server: !include other.yaml', 'f:1:9: has a tag that is not known'],
  ['two documents', 'server: {}\n---\ndata: {}', 'f:2:1: the file holds several documents; only one is read'],
  ['a key that is a list', '? [a]\n: 1', 'f:1:3: a key must be plain text'],
  ['a prototype', 'providers: { __proto__: { use: sim } }', 'f:1:14: providers: a key must be plain text'],
]

describe('problems of a configuration', () => {
  it.each(cases)('%s', (_about, text, ...expected) => {
    expect(problems(text)).toEqual(expected)
  })

  it('are all told at once', () => {
    const text = cases
      .filter(([, candidate]) => /^[a-z]+: \{ [a-z_]+: \S+ \}$/.test(candidate))
      .map(([, candidate]) => candidate)
    const sections = [...new Map(text.map((line) => [line.split(':')[0], line])).values()]
    expect(sections.length).toBeGreaterThan(4)
    expect(problems(sections.join('\n')).length).toBeGreaterThanOrEqual(sections.length)
  })

  it('include anchors that would unfold without end, in no time', () => {
    const levels = Array.from(
      { length: 30 },
      (_, index) => `  a${index}: &l${index} [${index === 0 ? 'x' : `*l${index - 1}, *l${index - 1}`}]`,
    )
    expect(problems(`other:\n${levels.join('\n')}`).join('\n')).toContain('larger or deeper than the gateway reads')
  })

  it('never show what came from the environment', () => {
    const secret = 'sk-very-secret'
    const env = { SECRET: secret }
    const texts = [
      'providers: { a: { use: "${SECRET}" } }',
      'providers: { sim: { stream_usage: "${SECRET}" } }',
      'providers: { openai: { credentials: x, base_url: "${SECRET}" } }',
      'models: { m: { deployments: [{ provider: "${SECRET}", model: x }] } }',
      'aliases: { a: "${SECRET}" }',
      'routers: { r: { strategy: "${SECRET}", targets: ["${SECRET}"] } }',
      'keys: [{ name: a, secret: "${SECRET} ${SECRET}", limits: { requests: "${SECRET}" }, expires: "${SECRET}" }]',
      'server: { port: "${SECRET}", body_limit: "${SECRET}" }',
      'logging: { level: "${SECRET}" }',
    ]
    for (const text of texts) {
      const found = problems(text, env)
      expect(found.length).toBeGreaterThan(0)
      expect(found.join('\n')).not.toContain(secret)
    }
  })

  it('never show what stands where a secret belongs', () => {
    const secret = 'sk-very-secret'
    for (const text of [
      `keys: [{ name: a, secret: "${secret} x" }, { name: b, secret: ["${secret}"] }]`,
      `providers: { openai: { credentials: { x: ${secret} }, headers: { a: ["${secret}"] } } }`,
      `keys: [{ name: a, secret: "${secret}\\q" }]`,
      `keys: [{ name: a, secret: ${secret}: x: y }]`,
      `keys: [{ name: a, secret: "${secret}`,
    ]) {
      const found = problems(text)
      expect(found.length).toBeGreaterThan(0)
      expect(found.join('\n')).not.toContain(secret)
    }
  })

  it('are the only way to fail, whatever the file holds', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          '30s',
          'sim',
          'openai',
          'a',
          '${X}',
          '*',
          '600/min',
          'sim/x',
          '',
          null,
          true,
          0,
          -1,
          1.5,
          1e300,
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'use',
            'credentials',
            'models',
            'deployments',
            'provider',
            'model',
            'strategy',
            'targets',
            'target',
            'a',
            'limits',
            'prices',
            'input',
            'base',
            'tiers',
            'name',
            'secret',
            'x/y',
          ),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    })).value
    const section = fc.constantFrom(
      'server',
      'providers',
      'models',
      'aliases',
      'routers',
      'keys',
      'prices',
      'timeouts',
      'auth',
      'other',
    )
    fc.assert(
      fc.property(fc.dictionary(section, value), (root) => {
        expect(Array.isArray(problems(JSON.stringify(root)))).toBe(true)
      }),
      { numRuns: runs(300) },
    )
  })

  it('are the only way to fail, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]:,&*!|>-?#"\'$ \n\tab01')), maxLength: 40 }),
        (text) => {
          expect(Array.isArray(problems(text))).toBe(true)
        },
      ),
      { numRuns: runs(500) },
    )
  })
})

describe('formatPath', () => {
  it('writes paths as people do, and quotes what needs it', () => {
    expect(formatPath(['keys', 0, 'secret'])).toBe('keys[0].secret')
    expect(formatPath(['models', 'gpt-4.1', 'deployments', 2])).toBe('models["gpt-4.1"].deployments[2]')
    expect(formatPath([])).toBe('')
  })
})
