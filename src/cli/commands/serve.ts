/** `sluicegate serve`: starts the gateway. What it takes to run one is in `serving/`. */
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { parsePort } from '../port-option.ts'
import type { ServeOptions } from '../serving/serve-gateway.ts'

export function addServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Starts the gateway.')
    .option('-c, --config <file>', 'the configuration file (default: SLUICEGATE_CONFIG, then ./sluicegate.yaml)')
    .option('--host <address>', 'address to listen on, instead of server.host')
    .option('--port <number>', 'port to listen on, instead of server.port; 0 lets the system choose', parsePort)
    .addHelpText(
      'after',
      `
Without a configuration file it serves the simulator, and every provider whose key is in the environment.

Signals:
  SIGHUP           takes the configuration over again; a changed file is noticed by itself
  SIGTERM, SIGINT  lets running requests finish, then stops; a second one stops at once
${examples(
  ['sluicegate serve', 'with ./sluicegate.yaml, or with what the environment says'],
  ['sluicegate serve --config /etc/sluicegate.yaml --port 9000', 'another file, another port'],
)}`,
    )
    .action(async (options: ServeOptions) => {
      const { serveGateway } = await import('../serving/serve-gateway.ts')
      await serveGateway(options, context)
      // Everything is closed and written; nothing that was forgotten shall keep the process.
      process.exit(context.exitCode)
    })
}
