/** The command line: `sluicegate …`. The launcher in `bin/` imports this file, from the sources or from the bundle. */
import process from 'node:process'
import packageJson from '../../package.json' with { type: 'json' }
import type { CommandContext } from './context.ts'
import { processEnvironment } from './process-environment.ts'
import { run } from './run.ts'
import { openTerminal } from './terminal.ts'

const argv = process.argv.slice(2)
const { stdin, stdout, stderr } = process
const terminal = openTerminal({ stdin, stdout, stderr, env: processEnvironment, argv })
const context: CommandContext = {
  env: processEnvironment,
  cwd: process.cwd(),
  version: packageJson.version,
  terminal,
  now: Date.now,
  exitCode: 0,
}

// Whoever reads the output may have had enough: `sluicegate models | head`.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(context.exitCode)
    throw error
  })
}

process.exitCode = await run(argv, context)
