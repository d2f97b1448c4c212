/** The configuration that a command is about, found and read as the gateway itself does it. */
import type { ConfigSource, LoadedConfig } from '../config/load.ts'
import type { CommandContext } from './context.ts'

export interface ConfigOptions {
  /** As given with `--config`. */
  readonly config?: string | undefined
}

/** Throws a ConfigError. */
export async function loadGatewayConfig(
  { env, cwd }: Pick<CommandContext, 'env' | 'cwd'>,
  { config: path }: ConfigOptions,
): Promise<LoadedConfig> {
  const [{ loadConfig }, { loadPrepared }, { providers, strategies }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/prepare-strategies.ts'),
    import('../builtins.gen.ts'),
  ])
  const options = { ...(path !== undefined && { path }), env, cwd, registry: { providers, strategies } }
  return loadPrepared(() => loadConfig(options), strategies)
}

/** For people. */
export function sourceText(source: ConfigSource): string {
  return source.kind === 'file' ? source.path : 'the environment (there is no sluicegate.yaml here)'
}

/** For `--json`. */
export function sourceJson(source: ConfigSource): object {
  return { kind: source.kind, path: source.kind === 'file' ? source.path : null }
}
