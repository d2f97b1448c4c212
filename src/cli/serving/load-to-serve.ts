/** The configuration with what the command line says about listening, at the start and at every reload alike. */
import { providers, strategies } from '../../builtins.gen.ts'
import { loadConfig } from '../../config/load.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { isLoopback } from '../../config/resolve.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'

export interface ListenOverrides {
  readonly host?: string
  readonly port?: number
}

/** Throws a ConfigError, or a CliError when others could reach a gateway that asks nobody for a key. */
export function loadToServe(
  { config: path, host, port }: ListenOverrides & { readonly config?: string },
  { env, cwd }: Pick<CommandContext, 'env' | 'cwd'>,
): LoadedConfig {
  const loaded = loadConfig({ ...(path !== undefined && { path }), env, cwd, registry: { providers, strategies } })
  const { config } = loaded
  const server = { ...config.server, ...(host !== undefined && { host }), ...(port !== undefined && { port }) }
  if (!config.auth.required && !isLoopback(server.host)) {
    throw new CliError(
      `it will not listen on ${server.host} without asking for keys, because other machines can reach it`,
      {
        hint: 'listen on 127.0.0.1, or set auth.required to true',
      },
    )
  }
  return { ...loaded, config: { ...config, server } }
}
