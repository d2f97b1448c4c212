/** The examples below a command's help. */

/** Each is a command line and what it does. */
export function examples(...lines: readonly (readonly [line: string, about: string])[]): string {
  return `\nExamples:\n${lines.map(([line, about]) => `  $ ${line}\n      ${about}`).join('\n')}\n`
}
