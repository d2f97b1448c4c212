/** The documentation of the simulator shows the models and parameters that there are, in the words of the code. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { models } from './models.ts'
import type { SimModel } from './models.ts'
import { parameterNames, parameterTable } from './parameters.ts'

const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8')

/** The rows of all tables under a heading, without their heads. */
function rowsUnder(heading: string): string[] {
  const [, section = ''] = page.split(`\n${heading}\n`)
  const [text = ''] = section.split(/\n#+ /)
  return text.split('\n').filter((line) => line.startsWith('| `'))
}

describe('docs/simulator.md', () => {
  it.each([
    ['### What the answer is', 'answer'],
    ['### How fast it comes', 'pace'],
    ['### What goes wrong', 'fault'],
    ['### How and when it goes wrong', 'detail'],
  ])('has under %s the parameters of the code, in their order', (heading, group) => {
    const expected = parameterNames
      .filter((name) => parameterTable[name].group === group)
      .map((name) => `| \`${name}\` | ${parameterTable[name].values} | ${parameterTable[name].about} |`)
    expect(expected.length).toBeGreaterThan(0)
    expect(rowsUnder(heading)).toEqual(expected)
  })

  it('has the models of the code', () => {
    const presetOf = ({ preset }: SimModel): string => {
      const query = new URLSearchParams(Object.entries(preset).map(([name, value]) => [name, String(value)])).toString()
      return query === '' ? 'none' : `\`${query}\``
    }
    const expected = Object.entries(models).map(
      ([name, model]) => `| \`sim/${name}\` | ${presetOf(model)} | ${model.about} |`,
    )
    expect(rowsUnder('## Models')).toEqual(expected)
  })
})
