/** What a check found, and how all checks report: one `file:line: message` a line, and an exit code that tells whether there was any. */

export interface Finding {
  /** Relative to the root of the repository. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

export function report(check: string, findings: readonly Finding[]): void {
  const sorted = [...findings].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line))
  for (const { file, line, message } of sorted) console.log(`${file}:${line}: ${message}`)
  console.log(`${check}: ${findings.length === 0 ? 'nothing found' : `${findings.length} found`}`)
  process.exitCode = findings.length === 0 ? 0 : 1
}
