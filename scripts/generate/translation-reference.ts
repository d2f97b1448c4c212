/** Writes `docs/translation.md`: what of each client protocol's features reaches each provider protocol, as the codecs themselves do it. */
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import type { ReasoningEffort } from '../../src/model/chat.ts'
import { budgetForEffort, effortForBudget } from '../../src/model/reasoning-levels.ts'
import { readCases } from '../../test/golden/golden-case.ts'
import type { GoldenCase } from '../../test/golden/golden-case.ts'
import { modelFor } from '../../test/golden/target-models.ts'
import { surfaceDialects } from './surface-dialects.ts'
import { cellsOf } from './translation-cells.ts'
import type { Cell, Fate } from './translation-cells.ts'

const areas = [
  'Conversation',
  'Tools',
  'Reasoning',
  'Media',
  'Output',
  'Settings',
  'How answers end',
  'Usage and caching',
]

const marks: Readonly<Record<Fate, string>> = {
  'as-is': 'as is',
  carried: '✓',
  adapted: '≈',
  lost: '✗',
  'unknown-there': '·',
}

const introduction = `# Translation

<!-- Written by \`npm run generate\` from the cases in \`test/golden/chat\` and the codecs in \`src/dialects\`. Do not edit. -->

A client speaks the protocol it knows, whatever the provider behind the gateway speaks. Where both speak the same one, bytes go through
as they are. Otherwise the request is translated, and so is the answer, streams included. What a protocol has no words for is told in the
header \`x-sluicegate-lost\` and in the record, and [\`on_unsupported\`](configuration.md#translation) decides whether such a request is sent at all.

There is a section for each protocol that clients can speak, with a column for each that providers do:

| Mark | Meaning |
| --- | --- |
| as is | The same protocol on both sides: nothing is translated |
| ✓ | Carried over |
| ≈ | Adapted: said in another or a weaker form, or without something that is not its point |
| ✗ | Lost |
| · | Something of answers that this provider protocol never says |

The reasons stand below each table, in the gateway's own words. Those that hold for plain text hold for everything, and are told once.
What the client's protocol itself cannot say is left out of its table and named below it.

The tables hold for the protocols as such. A provider or model may take less: the gateway knows of many, and
[\`supports\`](configuration.md#providers) tells it of others. Tools and structured output that a model lacks, and media that a provider
does not fetch by itself, the gateway can stand in for. What safety checks found is told in the header \`x-sluicegate-safety\`, whatever the
protocol.`

export async function translationReference(dialects: readonly ChatDialect[]): Promise<string> {
  const cases = readCases().filter(({ faults, undocumented }) => faults === undefined && undocumented !== true)
  const clients = surfaceDialects.flatMap((id) => dialects.find((dialect) => dialect.id === id) ?? [])
  const sections = await Promise.all(clients.map((client) => clientSection(client, dialects, cases)))
  return `${[introduction, examples(dialects), efforts(), ...sections, features(cases)].join('\n\n')}\n`
}

/** Some codecs look at the model; the tables must say at which one. */
function examples(dialects: readonly ChatDialect[]): string {
  const rows = dialects.map(({ id }) => [`\`${id}\``, `\`${modelFor(id)}\``])
  return `Where it depends on the model, the tables hold for these:\n\n${table(['Protocol', 'Model'], rows)}`
}

function features(cases: readonly GoldenCase[]): string {
  const rows = inOrder(cases).map(({ feature, about }) => [feature, about])
  return `## Features\n\n${table(['Feature', 'The case that stands for it'], rows)}`
}

function inOrder(cases: readonly GoldenCase[]): GoldenCase[] {
  const stray = cases.find(({ area }) => !areas.includes(area))
  if (stray !== undefined) throw new Error(`the golden case ${stray.name} is in no known area: ${stray.area}`)
  return areas.flatMap((area) => cases.filter((golden) => golden.area === area).sort((a, b) => a.order - b.order))
}

const levels: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The one table that stands between efforts and budgets, read in both directions. */
function efforts(): string {
  const rows = levels.map((effort, index) => {
    const budget = budgetForEffort(effort)
    const below = levels[index - 1]
    const from = below === undefined ? 0 : budgetForEffort(below) + 1
    const last = index === levels.length - 1
    if (effortForBudget(budget) !== effort || effortForBudget(from) !== effort)
      throw new Error(`the budgets of ${effort} do not lead back to it`)
    const range = budget === 0 ? '0' : last ? `${from} and more` : `${from} to ${budget}`
    return [effort, budget === 0 ? 'no reasoning' : String(budget), range]
  })
  return [
    '## Reasoning effort and budget',
    'Some protocols ask for an effort, others for a budget of tokens. Where one has to become the other, this table rules:',
    table(['Effort', 'Tokens it becomes', 'Budgets that become it'], rows),
  ].join('\n\n')
}

interface Row {
  readonly golden: GoldenCase
  readonly cells: readonly Cell[]
}

async function clientSection(
  client: ChatDialect,
  providers: readonly ChatDialect[],
  cases: readonly GoldenCase[],
): Promise<string> {
  const rows: Row[] = []
  let plainText: readonly Cell[] | undefined
  const unsayable: GoldenCase[] = []
  for (const golden of inOrder(cases)) {
    const cells = await cellsOf(golden, client, providers, plainText)
    if (golden.name === 'plain-text') plainText = cells
    if (cells === undefined) unsayable.push(golden)
    else rows.push({ golden, cells })
  }
  const head = ['Feature', ...providers.map(({ id }) => `\`${id}\``)]
  const lines = areas.flatMap((area) => {
    const within = rows.filter(({ golden }) => golden.area === area)
    const heading = within.length === 0 ? [] : [[`**${area}**`, ...providers.map(() => '')]]
    return [...heading, ...within.map(({ golden, cells }) => [golden.feature, ...cells.map(({ fate }) => marks[fate])])]
  })
  return [
    `## Clients of ${client.id}`,
    table(head, lines),
    ...(unsayable.length === 0
      ? []
      : [`This protocol itself has no words for: ${unsayable.map(({ feature }) => lowered(feature)).join('; ')}.`]),
    ...reasons(rows, providers),
  ].join('\n\n')
}

/** In the middle of a sentence. */
const lowered = (feature: string): string =>
  /^[A-Z][a-z]/.test(feature) ? `${feature.charAt(0).toLowerCase()}${feature.slice(1)}` : feature

/** By provider, then by reason: what has the same reasons stands together. */
function reasons(rows: readonly Row[], providers: readonly ChatDialect[]): string[] {
  const lists = providers.flatMap(({ id }, index) => {
    const told = new Map<string, string[]>()
    for (const { golden, cells } of rows) {
      const { fate = 'carried', reasons: all = [] } = cells[index] ?? {}
      if (all.length === 0) continue
      const text = `${marks[fate]} ${all.map(plain).join('; ')}`
      told.set(text, [...(told.get(text) ?? []), golden.feature])
    }
    const lines = [...told].map(([text, features]) => `  - ${features.map(inList).join(', ')}: ${text}`)
    return lines.length === 0 ? [] : [[`- \`${id}\``, ...lines].join('\n')]
  })
  return lists.length === 0 ? [] : ['Why:', lists.join('\n')]
}

/** The first feature of a list begins its line. */
const inList = (feature: string, index: number): string => (index === 0 ? feature : lowered(feature))

/** Reasons may quote what would be markup here. */
const plain = (text: string): string => text.replaceAll(/[<>[\]|*]/g, String.raw`\$&`)

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
