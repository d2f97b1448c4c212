/**
 * QuickJS, compiled to WebAssembly: runs code that nobody has to trust. It sees no file, no network, no clock and no chance, its memory
 * has an end, and the time that it takes is watched. Each engine is a program of its own, so one script cannot starve another.
 */
import type {
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSSyncVariant,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core'

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => never }
}

/** What is wrong with a script, or what it did wrong. */
export class ScriptProblem extends Error {
  override readonly name = 'ScriptProblem'
  readonly reason: 'syntax' | 'error' | 'timeout' | 'memory' | 'nonsense'
  readonly line: number | undefined

  constructor(reason: ScriptProblem['reason'], message: string, line?: number) {
    super(message)
    this.reason = reason
    this.line = line
  }
}

/** Pages of 64 KiB. QuickJS wants the first; beyond the last it is out of memory. */
const firstPages = 256
const mostPages = 512
const stackBytes = 256 * 1024
/** Milliseconds that evaluating a script may take, before it is ever asked. */
const compileMs = 100
/** Characters of an answer. */
const longestAnswer = 16_384

/** Everything but time. */
const intrinsics = {
  BaseObjects: true,
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  RegExpCompiler: true,
  JSON: true,
  MapSet: true,
  TypedArrays: true,
  // Nobody waits for promises, but without them an asynchronous function cannot even be refused.
  Promise: true,
  Date: false,
  Proxy: false,
}

/** Takes chance away, and sees to it that what one request does is not seen by the next. */
const preparation = `
delete Math.random
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const value = globalThis[name]
  if (typeof value === 'function' && value.prototype) Object.freeze(value.prototype)
  if (value !== globalThis && (typeof value === 'function' || typeof value === 'object')) Object.freeze(value)
}
Object.freeze(globalThis)`

/** Answers are text or JSON; whatever else there is comes back as no text. */
const callText = `(decide) => (input) => {
  const answer = decide(JSON.parse(input))
  return String(typeof answer === 'string' ? answer : JSON.stringify(answer)).slice(0, ${longestAnswer})
}`

export class ScriptEngine {
  readonly #quickjs: QuickJSWASMModule

  private constructor(quickjs: QuickJSWASMModule) {
    this.#quickjs = quickjs
  }

  static async open(): Promise<ScriptEngine> {
    const [{ newQuickJSWASMModuleFromVariant, newVariant }, variant] = await Promise.all([
      import('quickjs-emscripten-core'),
      import('@jitl/quickjs-wasmfile-release-sync').then((module) => module.default as unknown as QuickJSSyncVariant),
    ])
    const wasmMemory = new WebAssembly.Memory({ initial: firstPages, maximum: mostPages })
    return new ScriptEngine(await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory })))
  }

  /** Throws a ScriptProblem. */
  compile(source: string, file: string): CompiledScript {
    return new CompiledScript(this.#quickjs, source, file)
  }
}

/** After being disposed of, or out of memory, it must not be used again. */
export class CompiledScript implements Disposable {
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  readonly #call: QuickJSHandle
  readonly #file: string
  #deadline = Infinity

  constructor(quickjs: QuickJSWASMModule, source: string, file: string) {
    this.#file = file
    this.#runtime = quickjs.newRuntime()
    this.#runtime.setMaxStackSize(stackBytes)
    this.#runtime.setInterruptHandler(() => processorMs() > this.#deadline)
    this.#context = this.#runtime.newContext({ intrinsics })
    try {
      this.#deadline = processorMs() + compileMs
      this.#evaluate(preparation, 'gateway.js').dispose()
      const decide = this.#evaluate(asExpression(source), file)
      try {
        if (this.#context.typeof(decide) !== 'function')
          throw new ScriptProblem(
            'nonsense',
            'is no function: a script is one, such as `({ headers }) => ({ model: "…" })`',
          )
        const make = this.#evaluate(callText, 'gateway.js')
        this.#call = this.#value(this.#context.callFunction(make, this.#context.undefined, decide))
        make.dispose()
      } finally {
        decide.dispose()
      }
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Gives the text that the script's function answers with. Throws a ScriptProblem. */
  run(input: string, withinMs: number): string {
    const context = this.#context
    this.#deadline = processorMs() + withinMs
    try {
      const given = context.newString(input)
      const answer = this.#value(context.callFunction(this.#call, context.undefined, given))
      given.dispose()
      const text = context.getString(answer)
      answer.dispose()
      return text
    } catch (error) {
      // What WebAssembly itself throws: the engine has broken down.
      throw error instanceof ScriptProblem ? error : new ScriptProblem('memory', `broke its engine (${String(error)})`)
    }
  }

  [Symbol.dispose](): void {
    this.#call.dispose()
    this.#release()
  }

  #release(): void {
    this.#context.dispose()
    this.#runtime.dispose()
  }

  #evaluate(source: string, file: string): QuickJSHandle {
    return this.#value(this.#context.evalCode(source, file, { type: 'global', strict: true }))
  }

  #value(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (result.error === undefined) return result.value
    const thrown: unknown = this.#context.dump(result.error)
    result.error.dispose()
    throw problemOf(thrown, this.#file)
  }
}

/** An ES module that exports the function, as editors know it, is read as the function itself, at the same place. */
const asExpression = (source: string): string =>
  source.replace(/^[ \t]*export[ \t]+default[ \t]/m, (all) => '0,'.padEnd(all.length))

function problemOf(thrown: unknown, file: string): ScriptProblem {
  // Where not even an error can be made, there is none.
  if (thrown === null || thrown === undefined) return new ScriptProblem('memory', 'ran out of memory')
  const { name, message, stack } = thrown as Readonly<Record<string, unknown>>
  const line = typeof stack === 'string' ? lineIn(stack, file) : undefined
  const text = typeof message === 'string' ? message : JSON.stringify(thrown)
  if (name === 'InternalError' && text === 'interrupted') return new ScriptProblem('timeout', 'took too long', line)
  if (name === 'InternalError' && /out of memory|stack overflow/.test(text))
    return new ScriptProblem('memory', `ran into its bounds (${text})`, line)
  const told = typeof name === 'string' ? `${name}: ${text}` : text
  return new ScriptProblem(name === 'SyntaxError' ? 'syntax' : 'error', told.slice(0, 500), line)
}

/** `at decide (route.js:3:12)`: the innermost place in the script itself. */
function lineIn(stack: string, file: string): number | undefined {
  const at = stack.indexOf(`${file}:`)
  return at < 0 ? undefined : Number.parseInt(stack.slice(at + file.length + 1), 10) || undefined
}

/** Of this thread, so that a busy machine is not held against a script. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
