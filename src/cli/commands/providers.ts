/** `sluicegate providers`: the services that a configuration can name, where their keys are looked for, and which of them are configured. */
import type { Command } from 'commander'
import type { Provider } from '../../kernel/provider.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { counted } from '../quantities.ts'
import { renderTable } from '../table.ts'

interface ProvidersOptions extends ConfigOptions {
  readonly search?: string
  readonly json?: true
}

interface ListedProvider {
  readonly driver: Provider
  /** Its names in the configuration. */
  readonly names: readonly string[]
}

export function addProviders(program: Command, context: CommandContext): void {
  program
    .command('providers')
    .description('Lists the services that are known, and which of them are configured.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--search <text>', 'only those with all of these words in their names')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate providers', 'everything that `use` can name'],
        ['sluicegate providers --search mistral', 'how one of them is called, and where its key is looked for'],
      ),
    )
    .action((options: ProvidersOptions) => listProviders(options, context))
}

async function listProviders(options: ProvidersOptions, context: CommandContext): Promise<void> {
  const [{ config }, { providers }] = await Promise.all([
    loadGatewayConfig(context, options),
    import('../../builtins.gen.ts'),
  ])
  const configured = [...config.providers.values()]
  const all: ListedProvider[] = (providers as readonly Provider[]).map((driver) => ({
    driver,
    names: configured.filter(({ use }) => use === driver.id).map(({ name }) => name),
  }))
  const words = (options.search ?? '').toLowerCase().split(/\s+/)
  const listed = all.filter(({ driver, names }) => {
    const text = [driver.id, driver.title, ...names].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })

  const { out, err } = context.terminal
  if (options.json === true) {
    printJson(out, { providers: listed.map(providerJson) })
    return
  }
  if (listed.length === 0) {
    err.print(`None of ${counted(all.length, 'service')} has that in its name.`)
    return
  }
  const { colors } = out
  out.print(
    renderTable<ListedProvider>(
      [
        { title: 'DRIVER', text: ({ driver }) => driver.id, paint: (text) => colors.bold(text) },
        { title: 'SERVICE', text: ({ driver }) => driver.title, flexible: true },
        { title: 'SPEAKS', text: ({ driver }) => protocolsOf(driver).join(' '), flexible: true },
        { title: 'KEY IN', text: keyText, paint: (text) => colors.dim(text) },
        { title: 'CONFIGURED AS', text: ({ names }) => names.join(' '), paint: (text) => colors.green(text) },
      ],
      listed,
      { colors, width: out.width },
    ),
  )
  const used = listed.filter(({ names }) => names.length > 0).length
  err.print(err.colors.dim(`${counted(listed.length, 'service')}  ·  ${used} configured`))
}

/** What it speaks to be chatted with. */
function protocolsOf({ offers }: Provider): string[] {
  return offers.filter(({ operation }) => operation === 'chat').map(({ dialect }) => dialect)
}

function keyText({ driver }: ListedProvider): string {
  if (driver.env.length > 0) return driver.env.join('\n')
  return driver.keyless === true ? '(none)' : ''
}

function providerJson({ driver, names }: ListedProvider): object {
  return {
    id: driver.id,
    title: driver.title,
    offers: driver.offers.map(({ operation, dialect, verified }) => ({
      operation,
      protocol: dialect,
      verified: verified === true,
    })),
    env: driver.env,
    on_by_itself: driver.env.length > 0 && driver.optIn !== true,
    keyless: driver.keyless === true,
    key_url: driver.keyUrl ?? null,
    regions: driver.regions ?? null,
    docs: (driver.docs ?? []).map(({ title, url, read }) => ({ title, url, read })),
    configured: names,
  }
}
