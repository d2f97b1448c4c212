/** What is wrong with a configuration, told with its place and a way out; all problems of a file come together in one error. */

export type ConfigPath = readonly (string | number)[]

export interface ConfigProblem {
  /** The file as it was named, or `environment`. */
  readonly file: string
  /** From 1; absent where there is no file. */
  readonly line?: number
  readonly column?: number
  /** `providers.openai.base_url`, `keys[0].secret`; empty for the whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

export function formatPath(path: ConfigPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** `sluicegate.yaml:4:3: providers.openia: unknown provider (did you mean `openai`?)` */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`
  const subject = problem.path === '' ? '' : `${problem.path}: `
  return `${place}: ${subject}${problem.message}${problem.hint === undefined ? '' : ` (${problem.hint})`}`
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** At least one, in the order of the file. */
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.problems = problems
  }
}
