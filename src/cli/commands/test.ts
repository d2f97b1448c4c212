/** `sluicegate test`: asks a model through a gateway of its own, over HTTP as a client does, and shows what happened on the way. */
import type { Command } from 'commander'
import { faultCatalogue } from '../../model/fault.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { formatUsd } from '../../model/money.ts'
import { exitCodes } from '../cli-error.ts'
import type { CommandContext } from '../context.ts'
import { examples } from '../examples.ts'
import { loadGatewayConfig } from '../gateway-config.ts'
import type { ConfigOptions } from '../gateway-config.ts'
import { printJson } from '../json-output.ts'
import { printable, printableLine } from '../printable.ts'
import { counted, formatCount, formatDollars, formatMilliseconds } from '../quantities.ts'
import { attemptJson, usageJson } from '../record-text.ts'
import { renderFields } from '../table.ts'
import type { Output } from '../terminal.ts'
import type { TrialResult } from '../trial/ask.ts'

interface TestOptions extends ConfigOptions {
  readonly anthropic?: true
  readonly json?: true
}

const usualPrompt = 'Say hello in one short sentence.'

export function addTest(program: Command, context: CommandContext): void {
  program
    .command('test')
    .argument('<model>', 'what clients would ask for')
    .argument('[prompt]', 'what to say to it', usualPrompt)
    .description('Asks a model through a gateway of its own and shows what happened.')
    .option('-c, --config <file>', 'the configuration file')
    .option('--anthropic', "ask in Anthropic's protocol instead of OpenAI's")
    .option('--json', 'print JSON when it is over')
    .addHelpText(
      'after',
      examples(
        ['sluicegate test sim/text', 'asks the simulator'],
        ['sluicegate test openai/gpt-4o-mini "What is a sluice?"', 'asks a provider; this costs what it costs'],
        ['sluicegate test "sim/fault?status=429"', 'shows how a failure looks'],
      ),
    )
    .action((model: string, prompt: string, options: TestOptions) => tryModel(model, prompt, options, context))
}

async function tryModel(model: string, prompt: string, options: TestOptions, context: CommandContext): Promise<void> {
  const loaded = await loadGatewayConfig(context, options)
  const { openTrial } = await import('../trial/open-trial.ts')
  const { ask } = await import('../trial/ask.ts')
  const { out, err } = context.terminal
  const surface = options.anthropic === true ? 'anthropic-messages' : 'openai-chat'
  const json = options.json === true
  const screen = new AnswerScreen(out, err)

  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    await using trial = await openTrial(loaded.config, err)
    const result = await ask({
      url: trial.url,
      surface,
      model,
      prompt,
      signal: interrupt.signal,
      onText: (text, kind) => void (json || screen.show(text, kind)),
    })
    screen.finish()
    const record = await trial.record()
    if (result.fault !== undefined) context.exitCode = exitCodes.failed
    if (json) printJson(out, trialJson(model, surface, result, record))
    else printResult(err, result, record)
  } finally {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

/** The answer on standard output as it comes; thoughts dimly beside it, on standard error. */
class AnswerScreen {
  readonly #out: Output
  readonly #err: Output
  #last: 'text' | 'reasoning' | undefined
  #lineOpen = false

  constructor(out: Output, err: Output) {
    this.#out = out
    this.#err = err
  }

  show(text: string, kind: 'text' | 'reasoning'): void {
    if (text === '') return
    if (this.#last !== undefined && this.#last !== kind) this.finish()
    this.#last = kind
    this.#lineOpen = !text.endsWith('\n')
    // A file gets the answer as it is; a terminal would obey it.
    if (kind === 'text') this.#out.write(this.#out.isTerminal ? printable(text) : text)
    else this.#err.write(this.#err.colors.dim(printable(text)))
  }

  /** Ends the line that is being written. */
  finish(): void {
    if (!this.#lineOpen) return
    this.#lineOpen = false
    if (this.#last === 'text') this.#out.print()
    else this.#err.print()
  }
}

function printResult(err: Output, result: TrialResult, record: ExchangeRecord | undefined): void {
  const { colors } = err
  const fields: [string, string][] = []
  const times = [
    ...(result.firstTextMs === undefined ? [] : [`first token after ${formatMilliseconds(result.firstTextMs)}`]),
    `${formatMilliseconds(result.durationMs)} in all`,
  ]
  fields.push(['time', times.join(', ')])
  if (record?.usage !== undefined) fields.push(['tokens', tokensText(record.usage)])
  if (record?.unpriced === true) fields.push(['cost', 'unknown, because the model has no known price'])
  else if (record?.cost !== undefined) fields.push(['cost', formatDollars(record.cost)])
  if (record?.deployment !== undefined)
    fields.push([result.fault === undefined ? 'served by' : 'last tried', record.deployment])
  if (record !== undefined && (record.attempts.length > 1 || result.fault !== undefined) && record.attempts.length > 0)
    fields.push([counted(record.attempts.length, 'attempt'), record.attempts.map(attemptText).join('\n')])
  if (record?.finish !== undefined && record.finish !== 'stop') fields.push(['finish', record.finish])
  if (record?.lost !== undefined && record.lost.length > 0) fields.push(['lost', record.lost.join(', ')])

  err.print()
  if (result.fault === undefined) err.print(`${colors.green('✓')} answered`)
  else {
    const { code, message } = result.fault
    err.print(`${colors.red('✗')} ${colors.bold(code)}: ${printableLine(message)}`)
    const about = Object.hasOwn(faultCatalogue, code)
      ? faultCatalogue[code as keyof typeof faultCatalogue].about
      : undefined
    if (about !== undefined) err.print(`  ${colors.dim(about)}`)
  }
  err.print(renderFields(fields, colors, '  '))
}

function tokensText({ input, output, estimated }: NonNullable<ExchangeRecord['usage']>): string {
  const cached = (input.cacheRead ?? 0) > 0 ? ` (${formatCount(input.cacheRead ?? 0)} cached)` : ''
  const thought = (output.reasoning ?? 0) > 0 ? ` (${formatCount(output.reasoning ?? 0)} reasoning)` : ''
  const note = estimated === true ? ', estimated' : ''
  return `${formatCount(input.total)} in${cached}, ${formatCount(output.total)} out${thought}${note}`
}

function attemptText({ deployment, status, fault, message, durationMs }: ExchangeRecord['attempts'][number]): string {
  const outcome = fault === undefined ? 'ok' : `${fault}${status === undefined ? '' : ` (${status})`}`
  const said = message === undefined ? '' : `: ${printableLine(message)}`
  return `${deployment} after ${formatMilliseconds(durationMs)}, ${outcome}${said}`
}

function trialJson(model: string, surface: string, result: TrialResult, record: ExchangeRecord | undefined): object {
  return {
    ok: result.fault === undefined,
    model,
    surface,
    text: result.text,
    reasoning: result.reasoning,
    first_token_ms: result.firstTextMs ?? null,
    duration_ms: result.durationMs,
    provider: record?.provider ?? null,
    model_served: record?.modelServed ?? null,
    route: record?.route ?? null,
    finish: record?.finish ?? null,
    usage: usageJson(record?.usage),
    cost_usd: record?.cost === undefined ? null : formatUsd(record.cost),
    unpriced: record?.unpriced === true,
    lost: record?.lost ?? [],
    attempts: (record?.attempts ?? []).map(attemptJson),
    fault: result.fault ?? null,
  }
}
