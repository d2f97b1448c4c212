/** `sluicegate info`: what runs here, on what, with which data. The first thing to look at, and to put into a bug report. */
import { get } from 'node:http'
import type { Command } from 'commander'
import type { ServerSettings } from '../../config/types.ts'
import type { CommandContext } from '../context.ts'
import { databaseBytes, openExistingStores } from '../data-dir.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig, sourceJson, sourceText } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { knownKeys, stateOf } from '../known-keys.ts'
import { reachableUrl } from '../listen-url.ts'
import { counted, formatBytes } from '../quantities.ts'
import { renderFields } from '../table.ts'

interface InfoOptions extends ConfigOptions {
  readonly json?: true
}

export function addInfo(program: Command, context: CommandContext): void {
  program
    .command('info')
    .description('Tells what runs here, on what, and with which data.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['sluicegate info', 'for a look, and for bug reports: it shows no secrets']))
    .action((options: InfoOptions) => showInfo(options, context))
}

async function showInfo(options: InfoOptions, context: CommandContext): Promise<void> {
  const { config, source } = await loadGatewayConfig(context, options)
  const { dir } = config.data
  const { compileOffline } = await import('../offline-plan.ts')
  const [plan, health] = await Promise.all([compileOffline(config, context.now()), healthOf(config.server)])
  using stores = await openExistingStores(dir)
  const keys = knownKeys(config, stores?.keys)
  const active = keys.filter((key) => stateOf(key, context.now()) === 'active').length
  const exchanges = stores?.usage.summarize({ groupBy: 'none' })[0]?.requests ?? 0
  const size = databaseBytes(dir)
  const names = plan.list().length
  const { out } = context.terminal
  if (options.json === true) {
    printJson(out, {
      version: context.version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      config: sourceJson(source),
      data_dir: dir,
      database_bytes: size ?? null,
      exchanges,
      keys: { total: keys.length, active },
      gateway: { url: health.url, running: health.running },
      plan: {
        providers: [...config.providers.keys()],
        models: config.models.size,
        aliases: config.aliases.size,
        routers: config.routers.size,
        names,
      },
    })
    return
  }
  const { colors } = out
  const plural = [
    counted(config.providers.size, 'provider'),
    counted(config.models.size, 'model'),
    counted(config.aliases.size, 'alias', 'aliases'),
    counted(config.routers.size, 'router'),
  ]
  out.print(
    renderFields(
      [
        ['sluicegate', context.version],
        ['node', `${process.version} on ${process.platform}-${process.arch}`],
        ['config', sourceText(source)],
        ['gateway', gatewayText(health)],
        ['data', size === undefined ? `${dir} (no database yet)` : `${dir} (database ${formatBytes(size)})`],
        ['keys', `${counted(keys.length, 'key')}, ${active} active`],
        ['exchanges', `${counted(exchanges, 'exchange')} on record`],
        ['plan', `${plural.join(', ')}; ${counted(names, 'name')} to ask for`],
      ],
      colors,
    ),
  )
}

interface Health {
  readonly url: string | null
  readonly running: boolean
}

function gatewayText({ url, running }: Health): string {
  if (url === null) return 'listens on a port that the system chooses (server.port is 0)'
  return running ? `answers at ${url}` : `does not answer at ${url}`
}

/** Whether a gateway answers where the configuration says it listens. A port that the system chooses is not known here. */
async function healthOf({ host, port }: ServerSettings): Promise<Health> {
  if (port === 0) return { url: null, running: false }
  const url = reachableUrl(host, port)
  const running = await new Promise<boolean>((resolve) => {
    const request = get(`${url}/health`, { timeout: 1000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', () => resolve(false))
  })
  return { url, running }
}
