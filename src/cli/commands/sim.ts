/** `sluicegate sim`: the simulator by itself, as a stand-in for OpenAI's and Anthropic's servers in tests of anything. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { parsePort } from '../port-option.ts'
import { firstSignal } from '../stop-signals.ts'
import { listenErrorText } from '../system-error.ts'

interface SimOptions {
  readonly host: string
  readonly port: number
}

export function addSim(program: Command, context: CommandContext): void {
  program
    .command('sim')
    .description("Serves the simulator by itself: a stand-in for OpenAI's and Anthropic's servers.")
    .option('--host <address>', 'address to listen on; it asks nobody for a key', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 lets the system choose', parsePort, 8089)
    .addHelpText(
      'after',
      examples(
        ['sluicegate sim', 'serves http://127.0.0.1:8089/v1/chat/completions and /v1/messages'],
        ['sluicegate sim --port 0', 'on a free port, which the line that it prints tells'],
      ),
    )
    .action((options: SimOptions) => serveSimulator(options, context))
}

async function serveSimulator({ host, port }: SimOptions, { terminal }: CommandContext): Promise<void> {
  const { serveSim } = await import('../../providers/sim/server.ts')
  let server
  try {
    server = await serveSim({ host, port })
  } catch (error) {
    const known = listenErrorText(error, host, port)
    throw known === undefined ? error : new CliError(known.message, { hint: known.hint, cause: error })
  }
  await using running = server
  terminal.out.print(`listening on ${running.url}`)
  await firstSignal()
}
