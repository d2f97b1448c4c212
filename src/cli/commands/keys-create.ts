/** `sluicegate keys create`: makes a key. Its secret goes to standard output, alone, this one time. */
import type { Command } from 'commander'
import type { LoadedConfig } from '../../config/load.ts'
import type { KeyPolicy, RateLimit } from '../../model/key.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { makeDataDir, openStores } from '../data-dir.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { isoTime, printJson } from '../json-output.ts'
import { formatMoment, parseExpiry } from '../moments.ts'
import type { Budget } from '../policy-text.ts'
import {
  formatBudget,
  formatRateLimit,
  parseBudgetOption,
  parseLimitOption,
  parseModelsOption,
  parseOnUnsupported,
  policyJson,
} from '../policy-text.ts'
import { renderFields } from '../table.ts'

interface CreateOptions extends ConfigOptions {
  readonly models?: string[]
  readonly requests?: RateLimit[]
  readonly tokens?: RateLimit[]
  readonly budget?: Budget[]
  readonly expires?: number
  readonly onUnsupported?: NonNullable<KeyPolicy['onUnsupported']>
  readonly residency?: readonly string[]
  readonly admin?: true
  readonly inlineRouters?: true
  readonly json?: true
}

export function addKeysCreate(keys: Command, context: CommandContext): void {
  keys
    .command('create')
    .argument('<name>', 'what records and lists call the key')
    .description('Makes a key and shows its secret, once.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--models <names>', 'what it may use: names or globs, separated by commas (default: all)', appendModels)
    .option(
      '--requests <limit>',
      'most requests, such as 600/min; may be given several times',
      append(parseLimitOption),
    )
    .option('--tokens <limit>', 'most tokens, such as 1M/day; may be given several times', append(parseLimitOption))
    .option(
      '--budget <usd/period>',
      'most money: 5/day, 25/month or 100/total; may be given several times',
      append(parseBudgetOption),
    )
    .option('--expires <when>', 'when it ends: 30d, 12h, or a date', (text: string) => parseExpiry(text, context.now()))
    .option(
      '--on-unsupported <policy>',
      'what becomes of things that a model cannot express: drop, warn or refuse',
      parseOnUnsupported,
    )
    .option(
      '--residency <names>',
      'areas or regions that its requests may be processed in, separated by commas',
      parseResidency,
    )
    .option('--admin', 'it may manage the gateway: read health, open and close circuits, explain and replay routes')
    .option('--inline-routers', 'its requests may bring routers of their own')
    .option('--json', 'print the key as JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate keys create "my app"', 'a key for every model, without limits'],
        ['sluicegate keys create ci-1 --models "gpt-4o,sim/*" --expires 30d', 'a key for some models, for a while'],
        ['sluicegate keys create "web" --requests 600/min --tokens 1M/day --budget 25/month', 'a key with limits'],
        ['KEY=$(sluicegate keys create "job-7")', 'the secret alone is on standard output'],
      ),
    )
    .action((name: string, options: CreateOptions) => createKeyNamed(name, options, context))
}

function parseResidency(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => /^[a-z0-9][a-z0-9-]{0,63}$/i.test(name))) return names
  throw new CliError(`"${text}" is no list of areas or regions`, {
    kind: 'usage',
    hint: 'write eu, or eu,uk, or eu-central-1',
  })
}

const append =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): T[] => [...before, parse(text)]

const appendModels = (text: string, before: readonly string[] = []): string[] => [
  ...new Set([...before, ...parseModelsOption(text)]),
]

async function createKeyNamed(name: string, options: CreateOptions, context: CommandContext): Promise<void> {
  if (!/^[^\p{Cc}]{1,128}$/u.test(name) || name.trim() === '')
    throw new CliError('a name has 1 to 128 characters, none of them a control character', { kind: 'usage' })
  const loaded = await loadGatewayConfig(context, options)
  const { dir } = loaded.config.data
  if (loaded.config.keys.some((key) => key.name === name))
    throw new CliError(`the configuration has a key named "${name}" already`, { hint: 'choose another name' })
  const { models = ['*'], requests, tokens, budget, expires, onUnsupported, residency, admin, inlineRouters } = options
  const policy: KeyPolicy = {
    models,
    ...(requests !== undefined && { requests }),
    ...(tokens !== undefined && { tokens }),
    ...(budget !== undefined && { budgets: budget }),
    ...(onUnsupported !== undefined && { onUnsupported }),
    ...(residency !== undefined && { residency }),
    ...(admin === true && { admin }),
    ...(inlineRouters === true && { inlineRouters }),
  }
  await warnOfUnknownModels(loaded, models, context)

  const [{ createKey }, { serverSecret }] = await Promise.all([
    import('../../control/keys/create-key.ts'),
    import('../../control/keys/server-secret.ts'),
  ])
  makeDataDir(dir)
  using stores = await openStores(dir)
  const { key, secret } = createKey(stores.keys, serverSecret(dir, context.env['SLUICEGATE_SECRET']), {
    name,
    policy,
    now: context.now(),
    ...(expires !== undefined && { expiresAt: expires }),
  })

  const { out, err } = context.terminal
  if (options.json === true) {
    printJson(out, {
      id: key.id,
      name,
      secret,
      hint: key.hint,
      ...policyJson(policy),
      created: isoTime(key.createdAt),
      expires: expires === undefined ? null : isoTime(expires),
    })
    return
  }
  const fields: [string, string][] = [
    ['id', key.id],
    ['models', models.join(', ')],
  ]
  if (requests !== undefined) fields.push(['requests', requests.map(formatRateLimit).join(', ')])
  if (tokens !== undefined) fields.push(['tokens', tokens.map(formatRateLimit).join(', ')])
  if (budget !== undefined) fields.push(['budget', budget.map(formatBudget).join(', ')])
  if (onUnsupported !== undefined) fields.push(['on unsupported', onUnsupported])
  if (residency !== undefined) fields.push(['residency', residency.join(' or ')])
  if (admin === true) fields.push(['admin', 'it may manage the gateway'])
  if (inlineRouters === true) fields.push(['inline routers', 'its requests may bring their own'])
  if (expires !== undefined) fields.push(['expires', `${formatMoment(expires)} UTC`])
  err.print(`${err.colors.green('✓')} made the key ${err.colors.bold(name)}`)
  err.print(renderFields(fields, err.colors, '  '))
  err.print()
  out.print(secret)
  err.print()
  err.print(err.colors.dim('This is the only time that the secret is shown.'))
}

/** A key for a model that does not exist is allowed, because the model may come; but it is more likely a slip. */
async function warnOfUnknownModels(
  loaded: LoadedConfig,
  models: readonly string[],
  context: CommandContext,
): Promise<void> {
  const names = models.filter((model) => !model.includes('*'))
  if (names.length === 0) return
  const { compileOffline } = await import('../offline-plan.ts')
  const plan = await compileOffline(loaded.config, context.now())
  const { err } = context.terminal
  for (const name of names) {
    if (plan.resolve(name) !== undefined) continue
    const [likely] = plan.nearest(name)
    const hint = likely === undefined ? '' : `; did you mean ${likely}?`
    err.print(`${err.colors.yellow('warning:')} no model is called ${name} at the moment${hint}`)
  }
}
