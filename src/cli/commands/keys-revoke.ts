/** `sluicegate keys revoke`: takes a key out of use, for good and at once. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { openExistingStores } from '../data-dir.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { isoTime, printJson } from '../json-output.ts'
import { findKey, knownKeys } from '../known-keys.ts'

interface RevokeOptions extends ConfigOptions {
  readonly yes?: true
  readonly json?: true
}

export function addKeysRevoke(keys: Command, context: CommandContext): void {
  keys
    .command('revoke')
    .argument('<name-or-id>', 'the key')
    .description('Takes a key out of use, for good. A running gateway refuses it from then on.')
    .option('-c, --config <file>', 'the configuration file')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON, and do not ask')
    .addHelpText(
      'after',
      examples(
        ['sluicegate keys revoke "my app"', 'asks, then revokes'],
        ['sluicegate keys revoke key_0123456789abcdef --yes', 'without asking, by its id'],
      ),
    )
    .action((idOrName: string, options: RevokeOptions) => revokeKey(idOrName, options, context))
}

async function revokeKey(idOrName: string, options: RevokeOptions, context: CommandContext): Promise<void> {
  const { config } = await loadGatewayConfig(context, options)
  using stores = await openExistingStores(config.data.dir)
  const key = findKey(knownKeys(config, stores?.keys), idOrName)
  if (key.origin === 'config') {
    throw new CliError(`the key "${key.name}" is in the configuration`, {
      hint: 'take it out of `keys` there (or out of GATEWAY_API_KEYS); a running gateway takes the changed file over',
    })
  }
  if (key.revokedAt !== undefined)
    throw new CliError(`the key "${key.name}" was revoked at ${isoTime(key.revokedAt)} already`)

  const { terminal } = context
  if (terminal.interactive && options.yes !== true && options.json !== true) {
    const { confirm, isCancel } = await import('@clack/prompts')
    const question = `Revoke the key ${key.name} (${key.id}, ${key.hint ?? ''})? Its clients are refused at once, for good.`
    const answer = await confirm({ message: question, initialValue: false })
    if (isCancel(answer) || !answer) throw new CliError('nothing was revoked')
  }
  const at = context.now()
  if (stores?.keys.revoke(key.id, at) !== true) throw new CliError(`the key "${key.name}" was revoked meanwhile`)
  if (options.json === true) printJson(terminal.out, { id: key.id, name: key.name, revoked: isoTime(at) })
  else terminal.out.print(`${terminal.out.colors.green('✓')} revoked the key ${key.name} (${key.id})`)
}
