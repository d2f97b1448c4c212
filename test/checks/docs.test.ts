/** The documentation check must notice what is missing and what is too much, on every page. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { thorough } from '../../src/kernel/testing/depth.ts'
import { checkDocs } from '../../scripts/check-docs.ts'
import type { DocumentedFacts } from '../../scripts/checks/documented-facts.ts'
import { gatherFacts } from '../../scripts/checks/documented-facts.ts'
import { parseMarkdown } from '../../scripts/checks/markdown.ts'
import { scanBuiltins } from '../../scripts/generate/builtins.ts'
import { strategies } from '../../src/builtins.gen.ts'
import { conditionFields } from '../../src/kernel/condition.ts'
import { temporaryTree } from './temporary-tree.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const fact = (name: string) => ({ name, where: 'src/x.ts:1' })

const facts: DocumentedFacts = {
  configKeys: [fact('server.port')],
  undescribedKeys: [],
  faults: [fact('rate_limited')],
  metrics: [fact('sluicegate_requests_total')],
  headers: [fact('x-sluicegate-fault'), fact('x-ratelimit-limit-*')],
  commands: [fact('keys'), fact('create')],
  options: [fact('--config')],
}

const pages = {
  'docs/configuration.md': '| Key |\n| --- |\n| `server.port` |\n',
  'docs/faults.md': '| `rate_limited` | 429 |\n',
  'docs/metrics.md': '| `sluicegate_requests_total` | counter |\n',
  'docs/headers.md': '| `x-sluicegate-fault` |\n| `x-ratelimit-limit-requests`, `x-ratelimit-limit-tokens` |\n',
  'docs/cli.md': '## `sluicegate keys create NAME`\n\nReads `--config`.\n',
}

function found(changes: Readonly<Record<string, string>>, changedFacts: Partial<DocumentedFacts> = {}): string[] {
  const root = temporaryTree({ ...pages, ...changes })
  return checkDocs(root, { ...facts, ...changedFacts }, { providers: [], strategies: [] }).map(
    ({ file, line, message }) => `${file}:${line}: ${message}`,
  )
}

describe('documentation check', () => {
  // As `npm run check` says too.
  it.runIf(thorough)('has nothing to say of this repository', async () => {
    expect(checkDocs(repository, await gatherFacts(repository), await scanBuiltins(repository))).toEqual([])
  })

  it('has nothing to say when both sides agree', () => {
    expect(found({})).toEqual([])
  })

  it('notices what the pages do not tell', () => {
    expect(found(Object.fromEntries(Object.keys(pages).map((path) => [path, 'Nothing.\n'])))).toEqual([
      'docs/configuration.md:1: does not tell of the configuration key server.port (src/x.ts:1)',
      'docs/faults.md:1: does not tell of the fault rate_limited (src/x.ts:1)',
      'docs/metrics.md:1: does not tell of the metric sluicegate_requests_total (src/x.ts:1)',
      'docs/headers.md:1: does not tell of the header x-sluicegate-fault (src/x.ts:1)',
      'docs/headers.md:1: does not tell of the header x-ratelimit-limit-* (src/x.ts:1)',
      'docs/cli.md:1: does not tell of the command keys (src/x.ts:1)',
      'docs/cli.md:1: does not tell of the command create (src/x.ts:1)',
      'docs/cli.md:1: does not tell of the option --config (src/x.ts:1)',
    ])
  })

  it('notices what the pages tell of that is not there', () => {
    const none = { configKeys: [], faults: [], metrics: [], headers: [], commands: [], options: [] }
    expect(found({}, none)).toEqual([
      'docs/configuration.md:3: tells of the configuration key server.port, which does not exist',
      'docs/faults.md:1: tells of the fault rate_limited, which does not exist',
      'docs/metrics.md:1: tells of the metric sluicegate_requests_total, which does not exist',
      'docs/headers.md:1: tells of the header x-sluicegate-fault, which does not exist',
      'docs/headers.md:2: tells of the header x-ratelimit-limit-requests, which does not exist',
      'docs/headers.md:2: tells of the header x-ratelimit-limit-tokens, which does not exist',
      'docs/cli.md:1: tells of the command keys, which does not exist',
      'docs/cli.md:1: tells of the command create, which does not exist',
      'docs/cli.md:3: tells of the option --config, which does not exist',
    ])
  })

  it('notices a page that is not there, and a key without a description', () => {
    const root = temporaryTree({ ...pages, 'docs/cli.md': '' })
    expect(found({}, { undescribedKeys: ['server.host'] })).toEqual([
      'src/config:1: the configuration key server.host has no description',
    ])
    expect(checkDocs(root, { ...facts, commands: [], options: [] }, { providers: [], strategies: [] })).toEqual([])
    const empty = temporaryTree({})
    expect(checkDocs(empty, facts, { providers: [], strategies: [] }).map(({ file }) => file)).toContain(
      'docs/metrics.md',
    )
  })

  it('follows relative links and their anchors, in prose but not in code', () => {
    const page = `# Two words, \`code\`

[there](headers.md) [gone](gone.md) [anchor](#two-words-code) [no anchor](#nothing) [out](https://example.com/x)
\`[code](gone.md)\`

\`\`\`
[block](gone.md)
\`\`\`
`
    expect(found({ 'docs/guide.md': page, 'README.md': '[guide](docs/guide.md#two-words-code)\n' })).toEqual([
      'docs/guide.md:3: links to gone.md, which is not there',
      'docs/guide.md:3: links to #nothing, but no heading there gives that anchor',
    ])
  })

  it('reads the configurations that the pages show', () => {
    const page = '```yaml config\nserver:\n  prt: 8080\n```\n\n```yaml\nother: { prt: 1 }\n```\n'
    expect(found({ 'README.md': page })).toEqual([
      'README.md:3: example:2:3: server.prt: is not a known key (did you mean `port`?)',
    ])
  })
})

describe('the page on routing', () => {
  const page = readFileSync(`${repository}/docs/routing.md`, 'utf8')

  it('tells of every strategy', () => {
    expect(strategies.map(({ id }) => id).filter((id) => !page.includes(`\`${id}\``))).toEqual([])
  })

  it('tells of the fields of conditions, and of no others', () => {
    const section = page.slice(page.indexOf('### Fields'))
    const { names } = parseMarkdown(section.slice(0, section.indexOf('\n## ')))
    expect(names.map(({ text }) => text).toSorted()).toEqual(conditionFields.toSorted())
  })
})

describe('parseMarkdown', () => {
  it('numbers anchors that come again and reads the first column only', () => {
    const page = parseMarkdown('# A b\n## A b\n| `x` and `y` | `z` |\n| a \\| `w` | b |\n')
    expect([...page.anchors]).toEqual(['a-b', 'a-b-1'])
    expect(page.names.map(({ text }) => text)).toEqual(['x', 'y', 'w'])
  })
})
