/** What the documentation has to tell, gathered from the code: configuration keys, faults, metrics, headers and commands. */
import { faultCatalogue } from '../../src/model/fault.ts'
import { scanBuiltins } from '../generate/builtins.ts'
import { configKeys } from '../generate/config-reference.ts'
import { listFiles, readSourceFile } from './source-file.ts'

/** A name in the code; `*` stands for what is only known when it runs. */
export interface Fact {
  readonly name: string
  /** Where the code has it, as `file:line`. */
  readonly where: string
}

export interface DocumentedFacts {
  readonly configKeys: readonly Fact[]
  readonly undescribedKeys: readonly string[]
  readonly faults: readonly Fact[]
  readonly metrics: readonly Fact[]
  readonly headers: readonly Fact[]
  /** Words of commands: `serve`, `keys`, `create`. */
  readonly commands: readonly Fact[]
  /** Long options: `--config`. */
  readonly options: readonly Fact[]
}

export async function gatherFacts(root: string): Promise<DocumentedFacts> {
  const keys = configKeys(await scanBuiltins(root))
  const files = listFiles(root, 'src', ['.ts'])
    .filter((path) => !path.endsWith('.test.ts') && !path.startsWith('src/kernel/testing/'))
    .map((path) => readSourceFile(root, path))
  const stringsLike = (pattern: RegExp): Fact[] =>
    files.flatMap((file) =>
      file.strings
        .filter(({ text }) => pattern.test(text))
        .map(({ text, line }) => ({ name: text, where: `${file.path}:${line}` })),
    )
  const calls = (method: string, pattern: RegExp): Fact[] =>
    files
      .filter((file) => file.path.startsWith('src/cli/'))
      .flatMap((file) =>
        file.methodCalls
          .filter((call) => call.method === method)
          .flatMap(({ argument, line }) =>
            [...argument.matchAll(pattern)].map((match) => ({ name: match[0], where: `${file.path}:${line}` })),
          ),
      )
  return {
    configKeys: keys.map(({ key }) => ({ name: key, where: 'src/config' })),
    undescribedKeys: keys.filter(({ described }) => !described).map(({ key }) => key),
    faults: Object.keys(faultCatalogue).map((name) => ({ name, where: 'src/model/fault.ts' })),
    metrics: stringsLike(/^sluicegate_[a-z0-9_*]+$/),
    headers: stringsLike(/^x-(?:sluicegate|ratelimit)-[a-z0-9*-]+$/),
    commands: calls('command', /^[a-z][a-z-]*/g),
    options: [...calls('option', /--[a-z][a-z-]*/g), ...calls('requiredOption', /--[a-z][a-z-]*/g)],
  }
}
