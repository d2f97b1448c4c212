/** Finds the configuration (a file, or the environment when there is none), reads it and gives it in its resolved form. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import { parseConfigDocument } from './document.ts'
import { environmentDocument, withEnvironment } from './environment.ts'
import type { Environment } from './interpolate.ts'
import { ConfigError } from './problem.ts'
import { resolveConfig } from './resolve.ts'
import type { ResolvedConfig } from './resolve.ts'
import type { DriverRegistry } from './types.ts'

/** The name looked for in the working directory. */
export const defaultConfigFile = 'sluicegate.yaml'

const maxFileBytes = 8 * 1024 * 1024

export interface LoadOptions {
  /** As given with `--config`. */
  readonly path?: string
  readonly env: Environment
  readonly cwd: string
  readonly registry: DriverRegistry
}

export type ConfigSource = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'environment' }

export interface LoadedConfig extends ResolvedConfig {
  readonly source: ConfigSource
}

/** `--config`, then `SLUICEGATE_CONFIG`, then `./sluicegate.yaml`, then the environment alone. Throws a ConfigError. */
export function loadConfig({ path, env, cwd, registry }: LoadOptions): LoadedConfig {
  const named = path ?? (env['SLUICEGATE_CONFIG']?.trim() || undefined)
  const absolute = resolvePath(cwd, named ?? defaultConfigFile)
  if (named === undefined && !existsSync(absolute)) return configFromEnvironment(env, registry, cwd)
  const file = named ?? defaultConfigFile
  const resolved = parseConfig(readConfigFile(absolute, file), { file, baseDir: dirname(absolute), env, cwd, registry })
  return { ...resolved, source: { kind: 'file', path: absolute } }
}

/** Without a file: the simulator, every provider whose variable is set, and the `GATEWAY_…` variables. */
export function configFromEnvironment(env: Environment, registry: DriverRegistry, cwd: string): LoadedConfig {
  const document = environmentDocument(env, registry)
  return { ...resolveConfig(document, { env, registry, baseDir: cwd }), source: { kind: 'environment' } }
}

export interface ParseOptions {
  /** What problems call the file. */
  readonly file: string
  /** What relative paths in the file start from. */
  readonly baseDir: string
  /** What relative paths in the environment start from. */
  readonly cwd: string
  readonly env: Environment
  readonly registry: DriverRegistry
}

/** The configuration in a text. Throws a ConfigError. */
export function parseConfig(text: string, { file, baseDir, cwd, env, registry }: ParseOptions): ResolvedConfig {
  const document = parseConfigDocument(text, file, env)
  const dir = env['GATEWAY_DATA_DIR']?.trim()
  const located = dir === undefined || dir === '' ? env : { ...env, GATEWAY_DATA_DIR: resolvePath(cwd, dir) }
  return resolveConfig(withEnvironment(document, located), { env, registry, baseDir })
}

function readConfigFile(path: string, file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const message = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`
    throw new ConfigError([{ file, path: '', message }])
  }
  if (bytes.length > maxFileBytes) throw new ConfigError([{ file, path: '', message: 'is larger than 8 MiB' }])
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError([{ file, path: '', message: 'is not valid UTF-8' }])
  }
}
