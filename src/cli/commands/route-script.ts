/** `sluicegate route script`: what a script would decide about a request, before any router uses it. Calls nobody. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config, RouterSettings } from '../../config/types.ts'
import { StrategyProblem } from '../../kernel/strategy.ts'
import { CliError, exitCodes } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { appendHeader, bodyOf, printExplained } from './route-explain.ts'

interface ScriptOptions extends ConfigOptions {
  readonly targets: readonly string[]
  readonly default?: string
  readonly request?: string
  readonly header?: Readonly<Record<string, string>>
  readonly key?: string
  readonly timeout: number
  readonly json?: true
}

/** Of the router that is made for it. */
const name = 'script'

export function addRouteScript(route: Command, context: CommandContext): void {
  route
    .command('script')
    .argument('<file>', 'the script')
    .argument('[prompt]', 'what the request says', 'Hello')
    .description('Shows what a routing script decides about a request. Ends with 1 when its default has to be taken.')
    .requiredOption('--targets <names>', 'what it chooses from, with commas between', parseNames)
    .option('--default <name>', 'the target of its default (default: the first)')
    .option('-c, --config <file>', 'the configuration file')
    .option('--request <file>', 'the body of the request, as JSON, in place of a prompt')
    .option('--header <name: value>', 'a header of it; may be given several times', appendHeader)
    .option('--key <name>', 'whose request it would be')
    .option('--timeout <ms>', 'processor time that it may take, in milliseconds', Number, 5)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['sluicegate route script route.js --targets sim/text,sim/fast', 'what it does with a plain request'],
        [
          'sluicegate route script route.js --targets a/m,b/m --request body.json --header "x-plan: pro"',
          'with this one',
        ],
      ),
    )
    .action((file: string, prompt: string, options: ScriptOptions) => decide(file, prompt, options, context))
}

function parseNames(text: string): string[] {
  const names = text.split(',').map((each) => each.trim())
  if (names.every((each) => each !== '')) return names
  throw new CliError(`"${text}" is no list of names`, {
    kind: 'usage',
    hint: 'write `--targets openai/gpt-4o,sim/text`',
  })
}

async function decide(file: string, prompt: string, options: ScriptOptions, context: CommandContext): Promise<void> {
  const [{ config }, { explainOffline }, { prepareStrategies }, { strategies }] = await Promise.all([
    loadGatewayConfig(context, options),
    import('../route/explain-offline.ts'),
    import('../../config/prepare-strategies.ts'),
    import('../../builtins.gen.ts'),
  ])
  const scripted = withRouter(config, resolve(context.cwd, file), options)
  await prepareStrategies(scripted, strategies)
  const body = { ...bodyOf(name, prompt, options, context), model: name }
  const explained = await explainOffline(
    scripted,
    {
      path: '/v1/chat/completions',
      headers: options.header ?? {},
      body,
      ...(options.key !== undefined && { key: options.key }),
    },
    context.now(),
  ).catch((error: unknown) => {
    if (error instanceof StrategyProblem || error instanceof RangeError) throw new CliError(error.message)
    throw error
  })
  if (options.json === true) printJson(context.terminal.out, explained)
  else printExplained(explained, context)
  if (explained.comparisons.some(({ note }) => note !== undefined)) context.exitCode = exitCodes.failed
}

function withRouter(config: Config, file: string, { targets, default: given, timeout }: ScriptOptions): Config {
  const router: RouterSettings = {
    name,
    strategy: 'script',
    options: { file, default: given ?? targets[0], timeout_ms: timeout },
    targets: targets.map((target) => ({ target, options: {} })),
  }
  return { ...config, routers: new Map([[name, router]]) }
}
