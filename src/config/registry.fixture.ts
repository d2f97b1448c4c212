/** Drivers as the configuration sees them: enough to try every rule without any real one. */
import { z } from 'zod'
import type { Provider, ProviderConfig } from '../kernel/provider.ts'
import type { Strategy } from '../kernel/strategy.ts'
import type { DriverRegistry } from './types.ts'

function provider(id: string, fields: z.ZodType<ProviderConfig>, rest: Partial<Provider> = {}): Provider {
  return {
    id,
    title: id,
    config: fields,
    env: [],
    offers: [],
    baseUrl: () => 'http://127.0.0.1:9',
    sign: (outbound) => outbound,
    ...rest,
  }
}

const optionalUrl = z.object({ base_url: z.url().optional() })

const weighted: Strategy<{ weight: number }> = {
  id: 'weighted',
  about: 'By weight.',
  options: z.strictObject({}),
  targetOptions: z.object({ weight: z.number().int().min(1).default(1) }),
  compile: (targets) => () => targets,
}

const fallback: Strategy = {
  id: 'fallback',
  about: 'In order.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({}),
  compile: (targets) => () => targets,
}

export const registry: DriverRegistry = {
  providers: [
    provider('openai', optionalUrl.extend({ organization: z.string().optional() }), { env: ['OPENAI_API_KEY'] }),
    provider('anthropic', optionalUrl, {
      env: ['ANTHROPIC_API_KEY', 'CLAUDE_API_KEY'],
      keyPrefixes: ['sk-ant-'],
      formerly: ['claude-text'],
    }),
    provider('openai-compatible', z.object({ base_url: z.url() }), {
      keyless: true,
      offers: [{ operation: 'chat', dialect: 'openai-chat', path: () => '/chat/completions' }],
    }),
    provider('vllm', optionalUrl, { env: ['VLLM_API_KEY'], keyless: true, optIn: true }),
    provider('ollama', optionalUrl, { env: ['OLLAMA_API_KEY'], keyless: true }),
    provider(
      'cloud',
      optionalUrl.extend({ region: z.string(), key_id: z.string().optional(), key_secret: z.string().optional() }),
      {
        env: ['CLOUD_TOKEN'],
        fieldEnv: [{ region: ['CLOUD_REGION'] }, { key_id: ['CLOUD_KEY'], key_secret: ['CLOUD_SECRET'] }],
        needsCredential: (config) => !('key_id' in config),
        problems: (config) =>
          'key_id' in config && config.key_id === 'gone'
            ? [{ field: 'key_id', message: 'is gone', hint: 'get another' }]
            : [],
      },
    ),
    provider('sim', z.object({}) as z.ZodType<ProviderConfig>, {
      keyless: true,
      transport: () => {
        throw new Error('never called')
      },
    }),
  ],
  strategies: [fallback, weighted],
}
