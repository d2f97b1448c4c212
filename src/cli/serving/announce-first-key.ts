/** Shows the key that was made at the first start, this one time: to the person who started the gateway, and never to the log. */
import type { App } from '../../app.ts'
import type { Config } from '../../config/types.ts'
import type { CommandContext } from '../context.ts'
import { reachableUrl } from '../listen-url.ts'

export interface FirstKey {
  readonly app: App
  readonly config: Config
  /** The port that is listened on. */
  readonly port: number
  readonly options: { readonly config?: string }
  readonly context: CommandContext
  readonly secret: string
}

export function announceFirstKey({ app, config, port, options, context, secret }: FirstKey): void {
  const { err } = context.terminal
  const { colors } = err
  const url = `${reachableUrl(config.server.host, port)}/v1/chat/completions`
  const body = JSON.stringify({ model: modelToTry(app, config), messages: [{ role: 'user', content: 'Hello' }] })
  const program = context.env['npm_lifecycle_event'] === undefined ? 'sluicegate' : 'npx sluicegate'
  const file = options.config === undefined ? '' : ` --config ${quoted(options.config)}`
  err.print()
  err.print(colors.bold('The first API key, shown this one time:'))
  err.print()
  err.print(`  ${colors.green(secret)}`)
  err.print()
  err.print(colors.bold('Try it:'))
  err.print()
  err.print(`  curl ${url} -H 'authorization: Bearer ${secret}' -H 'content-type: application/json' -d ${quoted(body)}`)
  err.print()
  err.print(
    colors.dim(`More keys, limits and budgets: ${program} keys create --help; all keys: ${program} keys list${file}`),
  )
  err.print()
}

/** The simulator's, which costs nothing and needs nobody; else the first there is. */
function modelToTry(app: App, config: Config): string {
  const names = app.plan.list().map(({ id }) => id)
  const simulator = [...config.providers.values()].find(({ use }) => use === 'sim')?.name
  const simulated =
    simulator === undefined
      ? undefined
      : names.find((name) => name === `${simulator}/text` || name.startsWith(`${simulator}/`))
  return simulated ?? names[0] ?? 'provider/model'
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
