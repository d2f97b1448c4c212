/**
 * What the gateway takes from environment variables: the whole configuration when there is no file, and a few settings that a file
 * leaves open. Providers never turn on by themselves beside a file, because then the file would no longer say who is called.
 */
import type { ConfigDocument, Place } from './document.ts'
import { standsByItself } from './fields-from-environment.ts'
import type { Environment } from './interpolate.ts'
import { ollamaBaseUrl } from './ollama-host.ts'
import type { ConfigPath } from './problem.ts'
import type { DriverRegistry } from './types.ts'

export interface EnvironmentVariable {
  readonly name: string
  readonly about: string
  /** Whether it also counts beside a file, for what the file leaves open. */
  readonly besideFile: boolean
}

/** For the documentation; the drivers' own variables (`OPENAI_API_KEY`) come from the drivers. */
export const environmentVariables: readonly EnvironmentVariable[] = [
  { name: 'SLUICEGATE_CONFIG', about: 'Path of the configuration file, if `--config` names none.', besideFile: true },
  { name: 'GATEWAY_HOST', about: '`server.host`.', besideFile: true },
  { name: 'GATEWAY_PORT', about: '`server.port`.', besideFile: true },
  { name: 'GATEWAY_DATA_DIR', about: '`data.dir`; relative to the working directory.', besideFile: true },
  {
    name: 'GATEWAY_API_KEYS',
    about: 'Keys that clients may use, separated by commas; named `env-1`, `env-2`, … and allowed every model.',
    besideFile: true,
  },
  {
    name: 'VLLM_URL',
    about: 'Base URL of a vLLM server, which becomes the provider `vllm`; `/v1` is added where it is missing.',
    besideFile: false,
  },
  {
    name: 'OLLAMA_HOST',
    about:
      'Address of an Ollama server, which becomes the provider `ollama`; scheme and port may be left out. With `OLLAMA_API_KEY` alone it is `https://ollama.com`.',
    besideFile: false,
  },
  {
    name: 'SLUICEGATE_SECRET',
    about: 'Secret under which keys are hashed, at least 32 characters, instead of the file in the data directory.',
    besideFile: true,
  },
]

/** A server at home wants no key, so a key without an address is for this one. */
const ollamaCloud = 'https://ollama.com'

type Raw = Record<string, unknown>

const isMap = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

const nonEmpty = (value: string | undefined): string | undefined => {
  const text = value?.trim()
  return text === '' ? undefined : text
}

/** The configuration that the environment alone describes. */
export function environmentDocument(env: Environment, registry: DriverRegistry): ConfigDocument {
  const origins = new Origins()
  const providers: Raw = {}
  for (const driver of registry.providers) {
    // A stray key of a service that must be told more, its address or region, must not stop the gateway.
    if (driver.optIn === true || !standsByItself(driver, env)) continue
    const variable = driver.env.find((name) => nonEmpty(env[name]) !== undefined)
    if (variable !== undefined) {
      providers[driver.id] = { credentials: nonEmpty(env[variable]) }
      origins.set(['providers', driver.id], variable)
    } else if (driver.keyless === true && driver.transport !== undefined) {
      // It needs nothing from outside the process, so it is always there.
      providers[driver.id] = {}
    }
  }
  const vllmUrl = nonEmpty(env['VLLM_URL'])
  if (vllmUrl !== undefined) {
    const credentials = nonEmpty(env['VLLM_API_KEY'])
    providers['vllm'] = {
      base_url: vllmUrl,
      ...(credentials === undefined ? {} : { credentials }),
    }
    origins.set(['providers', 'vllm'], 'VLLM_URL')
    origins.set(['providers', 'vllm', 'credentials'], 'VLLM_API_KEY')
  }
  const ollamaHost = nonEmpty(env['OLLAMA_HOST'])
  const ollamaKey = nonEmpty(env['OLLAMA_API_KEY'])
  if (ollamaHost !== undefined || ollamaKey !== undefined) {
    providers['ollama'] = {
      base_url: ollamaHost === undefined ? ollamaCloud : ollamaBaseUrl(ollamaHost),
      ...(ollamaKey === undefined ? {} : { credentials: ollamaKey }),
    }
    origins.set(['providers', 'ollama'], ollamaHost === undefined ? 'OLLAMA_API_KEY' : 'OLLAMA_HOST')
    origins.set(['providers', 'ollama', 'credentials'], 'OLLAMA_API_KEY')
  }
  const document: ConfigDocument = {
    value: { providers },
    problems: [],
    place: (path) => origins.place(path) ?? { file: 'environment' },
    secret: (path) => path.length > 0,
  }
  return withEnvironment(document, env)
}

/** The document with what it leaves open filled in from the environment. */
export function withEnvironment(document: ConfigDocument, env: Environment): ConfigDocument {
  if (!isMap(document.value)) return document
  const value: Raw = { ...document.value }
  const origins = new Origins()

  const fill = (section: string, key: string, variable: string): void => {
    const given = nonEmpty(env[variable])
    const existing: unknown = value[section] ?? {}
    if (given === undefined || !isMap(existing) || existing[key] !== undefined) return
    value[section] = { ...existing, [key]: given }
    origins.set([section, key], variable)
  }
  fill('server', 'host', 'GATEWAY_HOST')
  fill('server', 'port', 'GATEWAY_PORT')
  fill('data', 'dir', 'GATEWAY_DATA_DIR')

  const secrets = new Set((env['GATEWAY_API_KEYS'] ?? '').split(',').map((secret) => secret.trim()))
  secrets.delete('')
  if (value['keys'] === undefined && secrets.size > 0) {
    value['keys'] = [...secrets].map((secret, index) => ({ name: `env-${index + 1}`, secret }))
    origins.set(['keys'], 'GATEWAY_API_KEYS')
  }
  return {
    value,
    problems: document.problems,
    place: (path, of) => origins.place(path) ?? document.place(path, of),
    secret: (path) => origins.place(path) !== undefined || document.secret(path),
  }
}

/** Which variable a part of the configuration came from. */
class Origins {
  readonly #variables = new Map<string, string>()

  set(path: ConfigPath, variable: string): void {
    this.#variables.set(JSON.stringify(path), variable)
  }

  /** The variable of the path or of the nearest thing around it. */
  place(path: ConfigPath): Place | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const variable = this.#variables.get(JSON.stringify(path.slice(0, length)))
      if (variable !== undefined) return { file: 'environment', path: variable }
    }
    return undefined
  }
}
