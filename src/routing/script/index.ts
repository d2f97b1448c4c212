/** The order is what a script of the configuration says: JavaScript in an engine of its own, which is loaded when the first is used. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isJsonObject } from '../../model/json.ts'
import { StrategyProblem } from '../../kernel/strategy.ts'
import type { Strategy, StrategyContext, StrategyPlace, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'
import { contextFor } from './context.ts'
import { ScriptEngine, ScriptProblem } from './engine.ts'
import type { CompiledScript } from './engine.ts'

interface Options {
  readonly code?: string | undefined
  readonly file?: string | undefined
  readonly default: string
  readonly timeout_ms: number
}

const longestScript = 64 * 1024

/** Only looks whether scripts can be compiled. */
let checker: ScriptEngine | undefined

export const script: Strategy<Record<string, never>, Options> = {
  id: 'script',
  alsoCalled: ['javascript', 'custom'],
  about: 'Asks a script of yours for the target: `({ headers, models, metrics }) => ({ model: … })`.',
  configuredOnly: true,
  files: ['file'],
  options: z.strictObject({
    code: z
      .string()
      .min(1)
      .optional()
      .describe('The script: one function in JavaScript. [What it is told](routing.md#script).'),
    file: z.string().min(1).optional().describe('A file that holds the script, relative to the configuration.'),
    default: z
      .string()
      .min(1)
      .describe('The target that comes first when the script fails, takes too long or names no target.'),
    timeout_ms: z.number().min(0.5).max(100).default(5).describe('Milliseconds of processor time for one request.'),
  }),
  targetOptions: z.strictObject({}),
  async prepare() {
    checker ??= await ScriptEngine.open()
  },
  compile(targets, options, place) {
    const { source, name } = sourceOf(options)
    const byName = new Map(targets.map((target) => [target.id, target]))
    const fallback = byName.get(options.default)
    if (fallback === undefined)
      throw new StrategyProblem(`is none of the targets: ${[...byName.keys()].join(', ')}`, ['default'])
    if (checker !== undefined) check(checker, source, name, options)
    const running = new RunningScript(source, name)
    const told = contextFor(source, targets)
    const whenNothing = [fallback, ...targets.filter((one) => one !== fallback)]

    const decide = (compiled: CompiledScript | ScriptProblem, query: StrategyQuery, context: StrategyContext) => {
      try {
        if (compiled instanceof ScriptProblem) throw compiled
        return orderIn(running.answer(told(query, context), options.timeout_ms), byName)
      } catch (error) {
        if (!(error instanceof ScriptProblem)) throw error
        return stumble(error, name, { place, context, targets: whenNothing })
      }
    }
    return (query, context) => {
      const compiled = running.ready
      return compiled === undefined
        ? running.open().then((opened) => decide(opened, query, context))
        : decide(compiled, query, context)
    }
  },
}

function sourceOf({ code, file }: Options): { source: string; name: string } {
  if ((code === undefined) === (file === undefined))
    throw new StrategyProblem('needs either `code` or `file`', [code === undefined ? 'strategy' : 'file'])
  const source = code ?? readScript(file ?? '')
  if (source.length > longestScript)
    throw new StrategyProblem(`has ${source.length} characters; a script may have ${longestScript}`, [
      code === undefined ? 'file' : 'code',
    ])
  return { source, name: file ?? 'script' }
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new StrategyProblem(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`, [
      'file',
    ])
  }
}

function check(engine: ScriptEngine, source: string, name: string, { code }: Options): void {
  try {
    engine.compile(source, name)[Symbol.dispose]()
  } catch (error) {
    if (!(error instanceof ScriptProblem)) {
      // It has broken down, perhaps by what the script left behind; scripts that run have engines of their own.
      checker = undefined
      return
    }
    throw new StrategyProblem(placed(error, code === undefined ? name : undefined), [
      code === undefined ? 'file' : 'code',
    ])
  }
}

const placed = ({ message, line }: ScriptProblem, file: string | undefined): string => {
  const at = line === undefined ? file : file === undefined ? `line ${line}` : `${file}:${line}`
  return at === undefined ? message : `${at}: ${message}`
}

/** Compiled when the first request comes, in an engine of its own; in another one after it has run out of memory, which it would not give back. */
class RunningScript {
  readonly #source: string
  readonly #name: string
  #opening: Promise<CompiledScript | ScriptProblem> | undefined
  ready: CompiledScript | ScriptProblem | undefined

  constructor(source: string, name: string) {
    this.#source = source
    this.#name = name
  }

  open(): Promise<CompiledScript | ScriptProblem> {
    this.#opening ??= ScriptEngine.open().then((engine) => (this.ready = this.#compiled(engine)))
    return this.#opening
  }

  answer(input: string, withinMs: number): string {
    const compiled = this.ready
    if (compiled === undefined || compiled instanceof ScriptProblem)
      throw compiled ?? new ScriptProblem('error', 'is not ready')
    try {
      return compiled.run(input, withinMs)
    } catch (error) {
      if (error instanceof ScriptProblem && error.reason === 'memory') this.#opening = this.ready = undefined
      throw error
    }
  }

  #compiled(engine: ScriptEngine): CompiledScript | ScriptProblem {
    try {
      return engine.compile(this.#source, this.#name)
    } catch (error) {
      if (error instanceof ScriptProblem) return error
      throw error
    }
  }
}

/** `"name"`, or `{ model, fallbacks }`; without fallbacks all other targets follow. */
function orderIn<T extends StrategyTarget>(answer: string, byName: ReadonlyMap<string, T>): T[] {
  const { model, fallbacks } = readAnswer(answer)
  const first = targetNamed(model, byName)
  const others = fallbacks === undefined ? [...byName.values()] : fallbacks.map((name) => targetNamed(name, byName))
  return [...new Set([first, ...others])]
}

function readAnswer(answer: string): { readonly model: unknown; readonly fallbacks: readonly unknown[] | undefined } {
  if (!answer.startsWith('{')) return { model: answer, fallbacks: undefined }
  let value: unknown
  try {
    value = JSON.parse(answer)
  } catch {
    throw new ScriptProblem('nonsense', 'answered with more than can be read')
  }
  const { model, fallbacks } = isJsonObject(value) ? value : {}
  if (fallbacks !== undefined && fallbacks !== null && !Array.isArray(fallbacks))
    throw new ScriptProblem('nonsense', 'answered with `fallbacks` that are no list')
  return { model, fallbacks: fallbacks ?? undefined }
}

function targetNamed<T extends StrategyTarget>(name: unknown, byName: ReadonlyMap<string, T>): T {
  const target = typeof name === 'string' ? byName.get(name) : undefined
  if (target !== undefined) return target
  const said = JSON.stringify(name ?? null).slice(0, 120)
  throw new ScriptProblem('nonsense', `named ${said}, which is none of the targets: ${[...byName.keys()].join(', ')}`)
}

interface Stumbling<T> {
  readonly place: StrategyPlace
  readonly context: StrategyContext
  readonly targets: readonly T[]
}

function stumble<T extends StrategyTarget>(
  problem: ScriptProblem,
  name: string,
  { place, context: { explain }, targets }: Stumbling<T>,
): readonly T[] {
  const message = `the script ${placed(problem, name === 'script' ? undefined : name)}`
  const [first] = targets
  if (explain === undefined) place.tell({ kind: 'stumbled', reason: problem.reason, message })
  else if (first !== undefined) explain(first, { note: `${message}: it is the default` })
  return targets
}
