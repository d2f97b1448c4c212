/** `sluicegate keys`: the keys that clients use, whether a gateway runs or not; a running one notices at once. */
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { addKeysCreate } from './keys-create.ts'
import { addKeysList } from './keys-list.ts'
import { addKeysRevoke } from './keys-revoke.ts'

export function addKeys(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .description('Makes, lists and revokes the keys of clients.')
    .addHelpText(
      'after',
      examples(
        [
          'sluicegate keys create "my app" --models "sim/*" --requests 600/min',
          'makes a key and shows its secret once',
        ],
        ['sluicegate keys list', 'shows all keys and what they have spent'],
        ['sluicegate keys revoke "my app"', 'takes a key out of use at once'],
      ),
    )
  addKeysCreate(keys, context)
  addKeysList(keys, context)
  addKeysRevoke(keys, context)
}
