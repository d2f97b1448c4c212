/**
 * Holds the documentation against the code, both ways: what exists is told, and what is told exists. It also follows every
 * relative link and reads every configuration that the pages show.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { posix, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseConfig } from '../src/config/load.ts'
import { ConfigError, formatProblem } from '../src/config/problem.ts'
import type { DriverRegistry } from '../src/config/types.ts'
import { gatherFacts } from './checks/documented-facts.ts'
import type { DocumentedFacts, Fact } from './checks/documented-facts.ts'
import { report } from './checks/finding.ts'
import type { Finding } from './checks/finding.ts'
import { parseMarkdown } from './checks/markdown.ts'
import type { At, MarkdownPage } from './checks/markdown.ts'
import { listFiles } from './checks/source-file.ts'
import { scanBuiltins } from './generate/builtins.ts'

interface Page extends MarkdownPage {
  readonly path: string
}

/** `root` holds `docs` and the pages beside it. */
export function checkDocs(root: string, facts: DocumentedFacts, registry: DriverRegistry): Finding[] {
  const pages = new Map(
    pagePaths(root).map((path) => [path, { path, ...parseMarkdown(readFileSync(join(root, path), 'utf8')) }]),
  )
  const findings: Finding[] = facts.undescribedKeys.map((key) => ({
    file: 'src/config',
    line: 1,
    message: `the configuration key ${key} has no description`,
  }))
  const against = (
    path: string,
    kind: string,
    known: readonly Fact[],
    told: (page: Page) => readonly (At & { text: string })[],
  ): void => {
    const page = pages.get(path)
    if (page === undefined)
      findings.push({ file: path, line: 1, message: `is missing, and should tell of every ${kind}` })
    else findings.push(...compare(path, kind, known, told(page)))
  }
  const namesLike = (pattern: RegExp) => (page: Page) => page.names.filter(({ text }) => pattern.test(text))
  // A variable stands in the same page's first column and is no key of the file.
  against('docs/configuration.md', 'configuration key', facts.configKeys, namesLike(/^[a-z][a-zA-Z0-9_.[\]]*$/))
  against('docs/faults.md', 'fault', facts.faults, namesLike(/^[a-z_]+$/))
  against('docs/metrics.md', 'metric', facts.metrics, namesLike(/^sluicegate_/))
  against('docs/headers.md', 'header', facts.headers, namesLike(/^x-(?:sluicegate|ratelimit)-/))
  against('docs/cli.md', 'command', facts.commands, commandWords)
  against('docs/cli.md', 'option', facts.options, longOptions)
  for (const page of pages.values()) findings.push(...checkLinks(root, page, pages), ...checkExamples(page, registry))
  return findings
}

function pagePaths(root: string): string[] {
  const beside = listFiles(root, '.', ['.md']).filter((path) => !path.includes('/'))
  return [...beside, ...listFiles(root, 'docs', ['.md'])]
}

/** What only one side knows of. */
function compare(
  file: string,
  kind: string,
  known: readonly Fact[],
  told: readonly (At & { text: string })[],
): Finding[] {
  const matches = (fact: Fact, text: string): boolean =>
    fact.name.includes('*') ? patternOf(fact.name).test(text) : fact.name === text
  const untold = known.filter((fact) => !told.some(({ text }) => matches(fact, text)))
  const unknown = told.filter(({ text }) => !known.some((fact) => matches(fact, text)))
  return [
    ...dedupe(
      untold.map(({ name, where }) => ({ file, line: 1, message: `does not tell of the ${kind} ${name} (${where})` })),
    ),
    ...dedupe(
      unknown.map(({ text, line }) => ({ file, line, message: `tells of the ${kind} ${text}, which does not exist` })),
    ),
  ]
}

const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .split('*')
      .map((part) => part.replace(/[.[\]]/g, String.raw`\$&`))
      .join('[a-z0-9_-]+')}$`,
  )

function dedupe(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [finding.message, finding])).values()]
}

/** The words of `sluicegate keys create NAME --models …` up to the first that is no word of a command. */
function commandWords(page: Page): (At & { text: string })[] {
  return [...page.spans, ...shellLines(page)].flatMap(({ text, line }) => {
    const [program, ...words] = text.split(/\s+/)
    if (program !== 'sluicegate') return []
    const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word))
    return (end < 0 ? words : words.slice(0, end)).map((word) => ({ text: word, line }))
  })
}

function longOptions(page: Page): (At & { text: string })[] {
  return [...page.spans, ...shellLines(page)].flatMap(({ text, line }) =>
    [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map((match) => ({ text: match[0], line })),
  )
}

const shellLines = (page: Page): (At & { text: string })[] =>
  page.blocks
    .filter(({ language }) => language === 'sh' || language === 'bash' || language === 'shell')
    .flatMap((block) =>
      block.text
        .split('\n')
        .map((text, index) => ({ text: text.trim().replace(/^\$ |\s#.*$/g, ''), line: block.line + 1 + index })),
    )

function checkLinks(root: string, page: Page, pages: ReadonlyMap<string, Page>): Finding[] {
  return page.links.flatMap(({ target, line }): Finding[] => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
    const [path = '', anchor] = decodeURI(target).split('#')
    const resolved = path === '' ? page.path : posix.normalize(posix.join(posix.dirname(page.path), path))
    const absolute = join(root, resolved)
    if (!existsSync(absolute)) return [{ file: page.path, line, message: `links to ${target}, which is not there` }]
    if (anchor === undefined || anchor === '' || statSync(absolute).isDirectory()) return []
    const linked = pages.get(resolved)
    if (linked === undefined || linked.anchors.has(anchor)) return []
    return [{ file: page.path, line, message: `links to ${target}, but no heading there gives that anchor` }]
  })
}

/** A block marked `yaml config` is a configuration; variables in it count as set. */
function checkExamples(page: Page, registry: DriverRegistry): Finding[] {
  return page.blocks
    .filter(({ language, marks }) => language === 'yaml' && marks.includes('config'))
    .flatMap(({ text, line }): Finding[] => {
      // Numbers are what every kind of value can be read from.
      const names = [...text.matchAll(/\$\{([A-Za-z_]\w*)/g)].map((match) => match[1] ?? '')
      const drivers = registry.providers.flatMap((driver) => driver.env)
      const env = Object.fromEntries([...names, ...drivers].map((name, index) => [name, String(1_000 + index)]))
      try {
        parseConfig(text, { file: page.path, baseDir: '.', cwd: '.', env, registry })
        return []
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        return error.problems.map((problem) => ({
          file: page.path,
          line: line + (problem.line ?? 0),
          message: formatProblem({ ...problem, file: 'example' }),
        }))
      }
    })
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  report('documentation', checkDocs(root, await gatherFacts(root), await scanBuiltins(root)))
}
