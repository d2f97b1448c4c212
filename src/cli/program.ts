/** The program with all its commands. Each command's file tells its options and loads what it needs only when it is run. */
import { Command } from 'commander'
import { addCheck } from './commands/check.ts'
import { addHealth } from './commands/health.ts'
import { addInfo } from './commands/info.ts'
import { addKeys } from './commands/keys.ts'
import { addModels } from './commands/models.ts'
import { addProviders } from './commands/providers.ts'
import { addRecommend } from './commands/recommend.ts'
import { addRoute } from './commands/route.ts'
import { addServe } from './commands/serve.ts'
import { addSim } from './commands/sim.ts'
import { addTest } from './commands/test.ts'
import { addUsage } from './commands/usage.ts'
import type { CommandContext } from './context.ts'
import { examples } from './examples.ts'

export function buildProgram(context: CommandContext): Command {
  const { out, err } = context.terminal
  const program = new Command('sluicegate')
  // Before the commands are added, because they take these settings over.
  program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      getOutHelpWidth: () => Math.min(out.width ?? 100, 110),
      getErrHelpWidth: () => Math.min(err.width ?? 100, 110),
      getOutHasColors: () => out.colors.isColorSupported,
      getErrHasColors: () => err.colors.isColorSupported,
      outputError: (text, write) => write(text.replace(/^error:/, err.colors.red('error:'))),
    })
    .configureHelp({
      styleTitle: (text) => out.colors.bold(text),
      styleCommandText: (text) => out.colors.cyan(text),
      styleSubcommandTerm: (text) => out.colors.cyan(text),
      styleOptionTerm: (text) => out.colors.cyan(text),
      styleArgumentTerm: (text) => out.colors.cyan(text),
    })
    .showHelpAfterError('Add --help to see how it is used.')
    .helpOption('-h, --help', 'show how a command is used')
    .helpCommand(false)

  program
    .description('An AI gateway: one gate in front of every model, fast, metered and safe.')
    .version(context.version, '-V, --version', 'show the version')
    .option('--no-color', 'never colour the output')
    .addHelpText(
      'after',
      examples(
        ['sluicegate serve', 'starts the gateway'],
        ['sluicegate check', 'tells what is wrong with sluicegate.yaml'],
        ['sluicegate keys create "my app" --budget 25/month', 'makes a key for a client'],
        ['sluicegate test sim/text', 'asks a model through the gateway and shows what happened'],
      ),
    )

  addServe(program, context)
  addCheck(program, context)
  addKeys(program, context)
  addModels(program, context)
  addProviders(program, context)
  addInfo(program, context)
  addHealth(program, context)
  addRoute(program, context)
  addRecommend(program, context)
  addTest(program, context)
  addUsage(program, context)
  addSim(program, context)
  return program
}
