/**
 * The services that speak OpenAI's protocols, all through one kit: where each is called, with which headers, and what its file says of
 * itself. The addresses stand here a second time, so that a slip in a file or in the factory is noticed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { providers } from '../../src/builtins.gen.ts'
import { configFromEnvironment } from '../../src/config/load.ts'
import type { Provider } from '../../src/kernel/provider.ts'
import { describeProvider } from '../../src/kernel/testing/provider-kit.ts'

const drivers = new Map((providers as readonly Provider[]).map((driver) => [driver.id, driver]))

/** By driver and protocol; `own.example` where everyone has an address of their own. */
const addresses: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '01ai': {
    'openai-chat': 'https://api.lingyiwanwu.com/v1/chat/completions',
  },
  ai21: {
    'openai-chat': 'https://api.ai21.com/studio/v1/chat/completions',
  },
  'aleph-alpha': {
    'openai-chat': 'https://api.aleph-alpha.com/chat/completions',
  },
  anyscale: {
    'openai-chat': 'https://own.example/v1/chat/completions',
  },
  avian: {
    'openai-chat': 'https://api.avian.io/v1/chat/completions',
  },
  baichuan: {
    'openai-chat': 'https://api.baichuan-ai.com/v1/chat/completions',
    'openai-embeddings': 'https://api.baichuan-ai.com/v1/embeddings',
  },
  baseten: {
    'openai-chat': 'https://inference.baseten.co/v1/chat/completions',
  },
  cerebras: {
    'openai-chat': 'https://api.cerebras.ai/v1/chat/completions',
  },
  chutes: {
    'openai-chat': 'https://llm.chutes.ai/v1/chat/completions',
  },
  crusoe: {
    'openai-chat': 'https://api.inference.crusoecloud.com/v1/chat/completions',
  },
  dashscope: {
    'openai-chat': 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions',
    'openai-responses': 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/responses',
    'anthropic-messages': 'https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages',
    'openai-embeddings': 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/embeddings',
  },
  deepinfra: {
    'openai-chat': 'https://api.deepinfra.com/v1/openai/chat/completions',
    'openai-completions': 'https://api.deepinfra.com/v1/openai/completions',
    'anthropic-messages': 'https://api.deepinfra.com/anthropic/v1/messages',
    'openai-embeddings': 'https://api.deepinfra.com/v1/openai/embeddings',
  },
  deepseek: {
    'openai-chat': 'https://api.deepseek.com/chat/completions',
    'anthropic-messages': 'https://api.deepseek.com/anthropic/v1/messages',
  },
  digitalocean: {
    'openai-chat': 'https://inference.do-ai.run/v1/chat/completions',
    'openai-responses': 'https://inference.do-ai.run/v1/responses',
    'anthropic-messages': 'https://inference.do-ai.run/v1/messages',
  },
  featherless: {
    'openai-chat': 'https://api.featherless.ai/v1/chat/completions',
    'openai-completions': 'https://api.featherless.ai/v1/completions',
  },
  fireworks: {
    'openai-chat': 'https://api.fireworks.ai/inference/v1/chat/completions',
    'openai-responses': 'https://api.fireworks.ai/inference/v1/responses',
    'openai-completions': 'https://api.fireworks.ai/inference/v1/completions',
    'anthropic-messages': 'https://api.fireworks.ai/inference/v1/messages',
    'openai-embeddings': 'https://api.fireworks.ai/inference/v1/embeddings',
    'fireworks-flux': 'https://api.fireworks.ai/inference/v1/workflows/accounts/fireworks/models/a-model/text_to_image',
    'fireworks-flux-edit': 'https://api.fireworks.ai/inference/v1/workflows/accounts/fireworks/models/a-model',
  },
  friendli: {
    'openai-chat': 'https://api.friendli.ai/serverless/v1/chat/completions',
    'openai-completions': 'https://api.friendli.ai/serverless/v1/completions',
  },
  'github-models': {
    'openai-chat': 'https://models.github.ai/inference/chat/completions',
    'openai-embeddings': 'https://models.github.ai/inference/embeddings',
  },
  gmi: {
    'openai-chat': 'https://api.gmi-serving.com/v1/chat/completions',
  },
  groq: {
    'openai-chat': 'https://api.groq.com/openai/v1/chat/completions',
    'openai-responses': 'https://api.groq.com/openai/v1/responses',
    'openai-speech': 'https://api.groq.com/openai/v1/audio/speech',
    'openai-transcriptions': 'https://api.groq.com/openai/v1/audio/transcriptions',
    'openai-translations': 'https://api.groq.com/openai/v1/audio/translations',
  },
  huggingface: {
    'openai-chat': 'https://router.huggingface.co/v1/chat/completions',
    'openai-responses': 'https://router.huggingface.co/v1/responses',
  },
  hunyuan: {
    'openai-chat': 'https://api.hunyuan.cloud.tencent.com/v1/chat/completions',
    'openai-embeddings': 'https://api.hunyuan.cloud.tencent.com/v1/embeddings',
  },
  hyperbolic: {
    'openai-chat': 'https://api.hyperbolic.xyz/v1/chat/completions',
  },
  'inference-net': {
    'openai-chat': 'https://api.inference.net/v1/chat/completions',
  },
  jina: {
    'openai-embeddings': 'https://api.jina.ai/v1/embeddings',
    'cohere-rerank-v1': 'https://api.jina.ai/v1/rerank',
  },
  kluster: {
    'openai-chat': 'https://api.kluster.ai/v1/chat/completions',
  },
  'llama-cpp': {
    'openai-chat': 'http://127.0.0.1:8080/v1/chat/completions',
    'openai-responses': 'http://127.0.0.1:8080/v1/responses',
    'openai-completions': 'http://127.0.0.1:8080/v1/completions',
    'anthropic-messages': 'http://127.0.0.1:8080/v1/messages',
    'openai-embeddings': 'http://127.0.0.1:8080/v1/embeddings',
    'cohere-rerank-v1': 'http://127.0.0.1:8080/v1/rerank',
  },
  'lm-studio': {
    'openai-chat': 'http://127.0.0.1:1234/v1/chat/completions',
    'openai-responses': 'http://127.0.0.1:1234/v1/responses',
    'openai-completions': 'http://127.0.0.1:1234/v1/completions',
    'anthropic-messages': 'http://127.0.0.1:1234/v1/messages',
    'openai-embeddings': 'http://127.0.0.1:1234/v1/embeddings',
  },
  'meta-llama': {
    'openai-chat': 'https://api.llama.com/compat/v1/chat/completions',
  },
  minimax: {
    'anthropic-messages': 'https://api.minimax.io/anthropic/v1/messages',
    'openai-chat': 'https://api.minimax.io/v1/chat/completions',
    'openai-responses': 'https://api.minimax.io/v1/responses',
  },
  mistral: {
    'openai-chat': 'https://api.mistral.ai/v1/chat/completions',
    'openai-embeddings': 'https://api.mistral.ai/v1/embeddings',
    'mistral-moderations': 'https://api.mistral.ai/v1/moderations',
    'mistral-transcriptions': 'https://api.mistral.ai/v1/audio/transcriptions',
  },
  moonshot: {
    'openai-chat': 'https://api.moonshot.ai/v1/chat/completions',
    'openai-responses': 'https://api.moonshot.ai/v1/responses',
    'anthropic-messages': 'https://api.moonshot.ai/anthropic/v1/messages',
  },
  nebius: {
    'openai-chat': 'https://api.tokenfactory.nebius.com/v1/chat/completions',
    'openai-embeddings': 'https://api.tokenfactory.nebius.com/v1/embeddings',
  },
  nosana: {
    'openai-chat': 'https://own.example/v1/chat/completions',
  },
  novita: {
    'openai-chat': 'https://api.novita.ai/openai/v1/chat/completions',
    'anthropic-messages': 'https://api.novita.ai/anthropic/v1/messages',
    'openai-embeddings': 'https://api.novita.ai/openai/v1/embeddings',
    'cohere-rerank-v1': 'https://api.novita.ai/openai/v1/rerank',
  },
  'nvidia-nim': {
    'openai-chat': 'https://integrate.api.nvidia.com/v1/chat/completions',
    'openai-embeddings': 'https://integrate.api.nvidia.com/v1/embeddings',
    'nvidia-rerank': 'https://integrate.api.nvidia.com/v1/ranking',
  },
  openrouter: {
    'openai-chat': 'https://openrouter.ai/api/v1/chat/completions',
    'openai-responses': 'https://openrouter.ai/api/v1/responses',
    'anthropic-messages': 'https://openrouter.ai/api/v1/messages',
    'openai-embeddings': 'https://openrouter.ai/api/v1/embeddings',
    'cohere-rerank-v1': 'https://openrouter.ai/api/v1/rerank',
  },
  ovhcloud: {
    'openai-chat': 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/chat/completions',
    'openai-responses': 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/responses',
    'openai-embeddings': 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/embeddings',
  },
  parasail: {
    'openai-chat': 'https://api.parasail.io/v1/chat/completions',
  },
  perplexity: {
    'openai-responses': 'https://api.perplexity.ai/v1/responses',
  },
  poe: {
    'openai-chat': 'https://api.poe.com/v1/chat/completions',
    'openai-responses': 'https://api.poe.com/v1/responses',
  },
  qianfan: {
    'openai-chat': 'https://qianfan.baidubce.com/v2/chat/completions',
    'openai-embeddings': 'https://qianfan.baidubce.com/v2/embeddings',
    'cohere-rerank-v1': 'https://qianfan.baidubce.com/v2/rerank',
  },
  requesty: {
    'openai-chat': 'https://router.requesty.ai/v1/chat/completions',
  },
  sambanova: {
    'openai-chat': 'https://api.sambanova.ai/v1/chat/completions',
    'openai-responses': 'https://api.sambanova.ai/v1/responses',
    'anthropic-messages': 'https://api.sambanova.ai/v1/messages',
    'openai-embeddings': 'https://api.sambanova.ai/v1/embeddings',
  },
  scaleway: {
    'openai-chat': 'https://api.scaleway.ai/v1/chat/completions',
    'openai-responses': 'https://api.scaleway.ai/v1/responses',
    'openai-embeddings': 'https://api.scaleway.ai/v1/embeddings',
  },
  sglang: {
    'openai-chat': 'http://127.0.0.1:30000/v1/chat/completions',
    'openai-completions': 'http://127.0.0.1:30000/v1/completions',
    'anthropic-messages': 'http://127.0.0.1:30000/v1/messages',
    'openai-embeddings': 'http://127.0.0.1:30000/v1/embeddings',
    'sglang-rerank': 'http://127.0.0.1:30000/v1/rerank',
  },
  siliconflow: {
    'openai-chat': 'https://api.siliconflow.com/v1/chat/completions',
    'anthropic-messages': 'https://api.siliconflow.com/v1/messages',
    'openai-embeddings': 'https://api.siliconflow.com/v1/embeddings',
    'cohere-rerank-v1': 'https://api.siliconflow.com/v1/rerank',
  },
  stepfun: {
    'openai-chat': 'https://api.stepfun.com/v1/chat/completions',
    'openai-responses': 'https://api.stepfun.com/v1/responses',
    'anthropic-messages': 'https://api.stepfun.com/v1/messages',
  },
  targon: {
    'openai-chat': 'https://api.targon.com/v1/chat/completions',
  },
  tei: {
    'openai-embeddings': 'https://own.example/v1/embeddings',
    'tei-rerank': 'https://own.example/rerank',
  },
  together: {
    'openai-chat': 'https://api.together.ai/v1/chat/completions',
    'openai-completions': 'https://api.together.ai/v1/completions',
    'openai-embeddings': 'https://api.together.ai/v1/embeddings',
    'cohere-rerank-v1': 'https://api.together.ai/v1/rerank',
    'together-images': 'https://api.together.ai/v1/images/generations',
    'together-image-edits': 'https://api.together.ai/v1/images/generations',
  },
  upstage: {
    'openai-chat': 'https://api.upstage.ai/v1/chat/completions',
    'openai-embeddings': 'https://api.upstage.ai/v1/embeddings',
  },
  v0: {
    'openai-chat': 'https://api.v0.dev/v1/chat/completions',
  },
  'vercel-ai-gateway': {
    'openai-chat': 'https://ai-gateway.vercel.sh/v1/chat/completions',
    'openai-responses': 'https://ai-gateway.vercel.sh/v1/responses',
    'anthropic-messages': 'https://ai-gateway.vercel.sh/v1/messages',
    'openai-embeddings': 'https://ai-gateway.vercel.sh/v1/embeddings',
  },
  vllm: {
    'openai-chat': 'http://127.0.0.1:8000/v1/chat/completions',
    'openai-responses': 'http://127.0.0.1:8000/v1/responses',
    'openai-completions': 'http://127.0.0.1:8000/v1/completions',
    'anthropic-messages': 'http://127.0.0.1:8000/v1/messages',
    'openai-embeddings': 'http://127.0.0.1:8000/v1/embeddings',
    'cohere-rerank-v1': 'http://127.0.0.1:8000/v1/rerank',
  },
  voyage: {
    'voyage-rerank': 'https://api.voyageai.com/v1/rerank',
    'voyage-embed': 'https://api.voyageai.com/v1/embeddings',
  },
  volcengine: {
    'openai-chat': 'https://ark.cn-beijing.volces.com/api/v3/chat/completions',
    'openai-responses': 'https://ark.cn-beijing.volces.com/api/v3/responses',
    'anthropic-messages': 'https://ark.cn-beijing.volces.com/api/v3/compatible/v1/messages',
    'openai-embeddings': 'https://ark.cn-beijing.volces.com/api/v3/embeddings',
  },
  writer: {
    'openai-chat': 'https://api.writer.com/v1/chat',
  },
  xai: {
    'openai-responses': 'https://api.x.ai/v1/responses',
    'openai-chat': 'https://api.x.ai/v1/chat/completions',
    'openai-completions': 'https://api.x.ai/v1/completions',
  },
  zai: {
    'openai-chat': 'https://api.z.ai/api/paas/v4/chat/completions',
    'anthropic-messages': 'https://api.z.ai/api/anthropic/v1/messages',
    'openai-embeddings': 'https://api.z.ai/api/paas/v4/embeddings',
  },
}

/** Services that want a bearer token in Anthropic's protocol too, where `x-api-key` is usual. */
const bearerAlone = new Set(['llama-cpp', 'novita', 'openrouter', 'sglang', 'siliconflow', 'vllm', 'volcengine'])

const driverOf = (id: string): Provider => {
  const driver = drivers.get(id)
  if (driver === undefined) throw new Error(`no driver is called ${id}`)
  return driver
}

for (const [id, urls] of Object.entries(addresses)) {
  const driver = driverOf(id)
  const own = Object.values(urls).some((url) => url.startsWith('https://own.example'))
  const origin = new URL(Object.values(urls)[0] ?? '').origin
  const paths = Object.fromEntries(Object.entries(urls).map(([dialect, url]) => [dialect, url.slice(origin.length)]))
  const version = own ? '/v1' : ''
  const bearer = { authorization: 'Bearer sk-key-1' }
  const messages = {
    'anthropic-version': '2023-06-01',
    ...(bearerAlone.has(id) ? bearer : { 'x-api-key': 'sk-key-1' }),
  }
  const first =
    driver.offers[0]?.dialect === 'anthropic-messages' && !bearerAlone.has(id) ? 'x-api-key' : 'authorization'
  const headersOf = { 'anthropic-messages': messages }
  describeProvider(driver, {
    cases: [
      {
        name: 'nothing but a key',
        config: own ? { base_url: `${origin}${version}` } : {},
        credential: 'sk-key-1',
        expect: { baseUrl: origin, paths, headers: bearer, headersOf, credentialHeader: first },
      },
      {
        name: 'an address of its own',
        config: { base_url: 'http://127.0.0.1:9/relay/' },
        credential: 'sk-key-1',
        expect: {
          baseUrl: 'http://127.0.0.1:9/relay',
          paths,
          headers: bearer,
          headersOf,
          credentialHeader: first,
        },
      },
    ],
    refused: [
      { name: 'a base URL that is no URL', config: { base_url: 'api.example.com' } },
      { name: 'a misspelt field', config: { base_url: 'https://example.com', base_uri: 'x' } },
      ...(own ? [{ name: 'no base URL', config: {} }] : []),
    ],
  })
}

describe('an address in the configuration', () => {
  it('may have the version of the service at its end, or not', () => {
    const urlOf = (id: string, base: string): string => {
      const driver = driverOf(id)
      const config = driver.config.parse({ base_url: base })
      return driver.baseUrl(config) + (driver.offers[0]?.path('m', false) ?? '')
    }
    expect(urlOf('groq', 'https://api.groq.com/openai/v1/')).toBe('https://api.groq.com/openai/v1/chat/completions')
    expect(urlOf('groq', 'https://relay.example/groq')).toBe('https://relay.example/groq/openai/v1/chat/completions')
    expect(urlOf('vllm', 'http://gpu.local:8000/v1')).toBe('http://gpu.local:8000/v1/chat/completions')
    expect(urlOf('deepseek', 'https://api.deepseek.com')).toBe('https://api.deepseek.com/chat/completions')
  })

  it('is chosen by the region, where there are several', () => {
    const dashscope = driverOf('dashscope')
    const at = (given: object): string => dashscope.baseUrl(dashscope.config.parse(given))
    expect(at({})).toBe('https://dashscope-intl.aliyuncs.com')
    expect(at({ region: 'beijing' })).toBe('https://dashscope.aliyuncs.com')
    expect(at({ region: 'beijing', base_url: 'https://a.example' })).toBe('https://a.example')
    expect(dashscope.config.safeParse({ region: 'mars' }).success).toBe(false)
    for (const driver of drivers.values())
      if (driver.regions !== undefined)
        expect(Object.values(driver.regions)[0]).toBe(driver.baseUrl(driver.config.parse({})))
  })
})

it('says who calls, where a service asks for it, and never in more than one line', async () => {
  const openrouter = driverOf('openrouter')
  const config = openrouter.config.parse({ site_url: 'https://me.example', app_name: 'Mine' })
  const outbound = { method: 'POST' as const, origin: 'https://o', path: '/p', headers: {}, body: null }
  expect((await openrouter.sign(outbound, config, 'k')).headers).toEqual({
    authorization: 'Bearer k',
    'http-referer': 'https://me.example',
    'x-title': 'Mine',
  })
  expect(openrouter.config.safeParse({ app_name: 'a\r\nx-injected: 1' }).success).toBe(false)
})

describe('what a file says of its service', () => {
  it.each([...drivers])('%s: pages with dates, and nothing verified without one', (_id, driver) => {
    const { docs = [], keyUrl, offers } = driver
    for (const { title, url, read } of docs) {
      expect(title).not.toBe('')
      expect(new URL(url).protocol).toBe('https:')
      expect(read).toMatch(/^20\d\d-\d\d-\d\d$/)
    }
    if (keyUrl !== undefined) expect(new URL(keyUrl).protocol).toBe('https:')
    if (offers.some(({ verified }) => verified === true)) expect(docs).not.toEqual([])
  })

  it('is known to the kit above, for every service that the factory makes', () => {
    const made = sources()
      .filter(({ text }) => text.includes('openaiProvider('))
      .map(({ text }) => /id: '([^']+)'/.exec(text)?.[1])
    expect(new Set(made)).toEqual(new Set(Object.keys(addresses)))
    expect(made).toHaveLength(Object.keys(addresses).length)
  })

  it('fits on a page: half of the files have 40 lines at most, and none more than 300', () => {
    const lengths = sources().map(({ text }) => text.split('\n').length - 1)
    const middle = lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]
    expect(middle).toBeLessThanOrEqual(40)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(300)
  })
})

describe('with the environment alone', () => {
  const registry = { providers: [...drivers.values()], strategies: [] }
  const on = (env: Readonly<Record<string, string>>): string[] =>
    [...configFromEnvironment(env, registry, '/home/me').config.providers.keys()].filter((name) => name !== 'sim')
  const byVariable = Object.keys(addresses).flatMap((id) => driverOf(id).env.map((name) => [name, id] as const))

  it.each(byVariable)('%s turns on %s, unless it is for other purposes as well', (name, id) => {
    const driver = driverOf(id)
    expect(on({ [name]: ' k ' })).toEqual(driver.optIn === true ? [] : [id])
    expect(on({ [name]: ' ' })).toEqual([])
  })

  it('no variable turns on two', () => {
    const names = [...drivers.values()].filter(({ optIn }) => optIn !== true).flatMap(({ env }) => env)
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
  })

  it('servers of one’s own are not on by themselves', () => {
    for (const id of ['llama-cpp', 'lm-studio', 'sglang', 'vllm']) expect(driverOf(id).optIn).toBe(true)
    expect(on({})).toEqual([])
  })
})

/** The files of providers that are one file. */
function sources(): { readonly name: string; readonly text: string }[] {
  const folder = fileURLToPath(new URL('../../src/providers', import.meta.url))
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}
