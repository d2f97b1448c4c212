/** Asks a running gateway. */
import { request as send } from 'undici'
import { CliError } from '../cli-error.ts'

export interface RunningGateway {
  readonly url: string
  readonly apiKey: string | undefined
}

/** Posts to one of its own paths. Throws a CliError with what it says where it refuses. */
export async function askGateway({ url, apiKey }: RunningGateway, path: string, asked: object): Promise<object> {
  const address = new URL(path, withScheme(url))
  const { statusCode, body } = await send(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(asked),
  }).catch((error: unknown) => {
    throw new CliError(`${address.origin} cannot be asked: ${error instanceof Error ? error.message : 'unknown error'}`)
  })
  const text = await body.text()
  const json = parsed(text) as { readonly error?: { readonly message?: string } } | undefined
  if (statusCode !== 200 || json === undefined)
    throw new CliError(json?.error?.message ?? `${address.origin} answered ${statusCode}, which is no gateway's answer`)
  return json
}

const withScheme = (url: string): string => (/^https?:\/\//.test(url) ? url : `http://${url}`)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
