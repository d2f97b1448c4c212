/** What is wrong with a configuration, for people and for machines: each problem at its place, with a way out. */
import type { ConfigProblem } from '../config/problem.ts'
import { counted } from './quantities.ts'
import { printableLine } from './printable.ts'
import type { Output } from './terminal.ts'

/** `sluicegate.yaml:4:3`, or the file alone. */
export function placeOf({ file, line, column }: ConfigProblem): string {
  return line === undefined ? file : `${file}:${line}:${column ?? 1}`
}

export function printProblems(err: Output, problems: readonly ConfigProblem[]): void {
  for (const problem of problems) printFinding(err, problem, 'error')
  err.print(err.colors.bold(`${counted(problems.length, 'problem')} in the configuration`))
}

export function printWarnings(err: Output, warnings: readonly ConfigProblem[]): void {
  for (const warning of warnings) printFinding(err, warning, 'warning')
}

function printFinding({ colors, print }: Output, problem: ConfigProblem, kind: 'error' | 'warning'): void {
  const label = kind === 'error' ? colors.red('error:') : colors.yellow('warning:')
  const subject = problem.path === '' ? '' : `${colors.bold(printableLine(problem.path))}: `
  print(`${label} ${printableLine(placeOf(problem))}: ${subject}${printableLine(problem.message)}`)
  if (problem.hint !== undefined) print(`${' '.repeat(kind.length + 2)}${colors.dim(printableLine(problem.hint))}`)
}

/** For `--json`. */
export function problemJson({ file, line, column, path, message, hint }: ConfigProblem): object {
  return { file, line: line ?? null, column: column ?? null, path, message, hint: hint ?? null }
}
