/** Checks the shape of the source: who imports whom, circles, imports that lead nowhere, empty names, headers and lengths. */
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findCircles } from './checks/circles.ts'
import { report } from './checks/finding.ts'
import type { Finding } from './checks/finding.ts'
import { areaOf, emptyName, forbidden, isTest, isTesting } from './checks/import-rules.ts'
import { listFiles, readSourceFile } from './checks/source-file.ts'
import type { ImportSite, SourceFile } from './checks/source-file.ts'

const maxLines = 600
const folders = ['src', 'scripts', 'test', 'bench', 'bin']

/** `root` is the folder that holds `src` and `package.json`. */
export function checkImports(root: string): Finding[] {
  const files = folders
    .flatMap((folder) => listFiles(root, folder, ['.ts', '.js', '.mjs']))
    .map((path) => readSourceFile(root, path))
  return [...files.flatMap((file) => [...checkForm(file), ...checkSites(root, file)]), ...checkCircles(files)]
}

function checkForm(file: SourceFile): Finding[] {
  const findings: Finding[] = file.syntaxErrors.map(({ line, message }) => ({ file: file.path, line, message }))
  const find = (message: string): void => void findings.push({ file: file.path, line: 1, message })
  const name = emptyName(file.path)
  if (name !== undefined) find(`the name ${name} says nothing of what is inside`)
  if (!file.hasHeader) find('has no header comment that says what it is and why it is there')
  if (file.lines > maxLines) find(`has ${file.lines} lines, more than ${maxLines}`)
  if (file.path.startsWith('src/') && areaOf(file.path.slice(4)) === undefined)
    find('belongs to no area that the import rules know')
  return findings
}

function checkSites(root: string, file: SourceFile): Finding[] {
  const dependencies = productionDependencies(root)
  return file.imports.flatMap((site) => {
    const message = site.specifier.startsWith('.')
      ? checkRelative(root, file, site)
      : checkPackage(file, site, dependencies)
    return message === undefined ? [] : [{ file: file.path, line: site.line, message }]
  })
}

function checkRelative(root: string, file: SourceFile, site: ImportSite): string | undefined {
  const target = targetOf(file, site)
  if (!existsSync(join(root, target)) && !target.startsWith('dist/')) return `${site.specifier} is not there`
  if (!file.path.startsWith('src/')) return undefined
  if (isTest(file.path)) return undefined
  if (!target.startsWith('src/')) return target.endsWith('.json') ? undefined : `${site.specifier} is outside of src`
  const from = areaOf(file.path.slice(4))
  const to = areaOf(target.slice(4))
  if (isTest(target)) return 'only tests may import a test'
  if (isTesting(target.slice(4)) && !isTesting(file.path.slice(4))) return 'only tests may import kernel/testing'
  return from === undefined || to === undefined ? undefined : forbidden(from, to)
}

const targetOf = (file: SourceFile, site: ImportSite): string =>
  posix.normalize(posix.join(posix.dirname(file.path), site.specifier))

function checkPackage(file: SourceFile, site: ImportSite, dependencies: ReadonlySet<string>): string | undefined {
  if (!file.path.startsWith('src/') || isTest(file.path) || isTesting(file.path.slice(4))) return undefined
  if (site.specifier.startsWith('node:')) return undefined
  if (builtinModules.includes(site.specifier)) return `write node:${site.specifier}`
  const steps = site.specifier.split('/')
  const name = site.specifier.startsWith('@') ? steps.slice(0, 2).join('/') : (steps[0] ?? '')
  return dependencies.has(name) ? undefined : `${name} is not among the dependencies of package.json`
}

function productionDependencies(root: string): ReadonlySet<string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
    optionalDependencies?: Record<string, string>
  }
  return new Set([...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.optionalDependencies ?? {})])
}

function checkCircles(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.map((site) => targetOf(file, site)).filter((path) => byPath.has(path)),
    ]),
  )
  return findCircles(edges).map((circle) => {
    const [first = '', second = first] = circle
    const file = byPath.get(first)
    const site = file?.imports.find((candidate) => targetOf(file, candidate) === second)
    return { file: first, line: site?.line ?? 1, message: `import circle: ${[...circle, first].join(' → ')}` }
  })
}

if (import.meta.main) report('imports', checkImports(fileURLToPath(new URL('..', import.meta.url))))
