/** Asks a running gateway. */
import { request as send } from 'undici'
import type { Command } from 'commander'
import { credentialPattern, unlikeCredential } from '../kernel/signature.ts'
import { CliError } from './cli-error.ts'
import type { CommandContext } from './context.ts'

export interface RunningGateway {
  readonly url: string
  readonly apiKey: string | undefined
}

export interface GatewayOptions {
  readonly url: string
  readonly apiKey?: string
}

/** The options of a command that asks one, and nothing else. */
export const withGateway = (command: Command): Command =>
  command
    .option('--url <url>', 'the running gateway', 'http://127.0.0.1:8080')
    .option('--api-key <secret>', 'a key of it that may manage it (default: SLUICEGATE_API_KEY)')

export const gatewayOf = ({ url, apiKey }: GatewayOptions, { env }: CommandContext): RunningGateway => ({
  url,
  apiKey: apiKey ?? env['SLUICEGATE_API_KEY'],
})

const patienceMs = 60_000

/** Posts to one of its own paths, or reads it where nothing is asked. Throws a CliError with what it says where it refuses. */
export async function askGateway({ url, apiKey }: RunningGateway, path: string, asked?: object): Promise<object> {
  const whole = withScheme(url)
  if (!/^https?:$/.test(URL.parse(whole)?.protocol ?? ''))
    throw new CliError(`"${url}" is no address`, { kind: 'usage', hint: 'write `--url http://127.0.0.1:8080`' })
  if (apiKey !== undefined && !credentialPattern.test(apiKey))
    throw new CliError(`the API key ${unlikeCredential}`, { kind: 'usage' })
  const address = new URL(path, whole)
  const { statusCode, body } = await send(address, {
    method: asked === undefined ? 'GET' : 'POST',
    headersTimeout: patienceMs,
    headers: {
      ...(asked !== undefined && { 'content-type': 'application/json' }),
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    ...(asked !== undefined && { body: JSON.stringify(asked) }),
  }).catch((error: unknown) => {
    throw new CliError(`nobody answers at ${address.origin}`, {
      hint: 'name the running gateway with --url',
      cause: error,
    })
  })
  const text = await body.text()
  const json = parsed(text) as { readonly error?: { readonly message?: string } } | undefined
  if (statusCode !== 200 || json === undefined)
    throw new CliError(json?.error?.message ?? `${address.origin} answered ${statusCode}, which is no gateway's answer`)
  return json
}

const withScheme = (url: string): string => (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
