/**
 * What the checks need to know of a source file, from its syntax tree, so that comments and strings fool nobody: what it imports
 * (types, re-exports, dynamic imports and worker files included), whether a comment heads it, and how long it is.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { parseSync } from 'rolldown/utils'

export interface ImportSite {
  /** As written: `../model/key.ts`, `zod`. */
  readonly specifier: string
  readonly line: number
}

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly ImportSite[]
  /** Every text in the code, a template's variable parts written as `*`. */
  readonly strings: readonly { readonly text: string; readonly line: number }[]
  /** Calls of methods with text as their first argument: `.command('serve')`. */
  readonly methodCalls: readonly { readonly method: string; readonly argument: string; readonly line: number }[]
  readonly hasHeader: boolean
  readonly syntaxErrors: readonly { readonly line: number; readonly message: string }[]
}

const skipped = new Set(['node_modules', 'dist', 'coverage', 'fixtures', '.git'])

/** Paths of the files below `folder` with one of the extensions, relative to `root`; none when there is no such folder. */
export function listFiles(root: string, folder: string, extensions: readonly string[]): string[] {
  let entries
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(root, path, extensions)
      return extensions.some((extension) => entry.name.endsWith(extension)) ? [path.split(sep).join('/')] : []
    })
    .sort()
}

export function readSourceFile(root: string, path: string): SourceFile {
  return parseSourceFile(relative(root, join(root, path)).split(sep).join('/'), readFileSync(join(root, path), 'utf8'))
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text, { lang: path.endsWith('.ts') ? 'ts' : 'js', sourceType: 'module' })
  const lineOf = lineFinder(text)
  const imports: ImportSite[] = []
  const strings: { text: string; line: number }[] = []
  const methodCalls: { method: string; argument: string; line: number }[] = []
  visit(parsed.program, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) imports.push({ specifier, line: lineOf(node.start) })
    const string = stringOf(node)
    if (string !== undefined) strings.push({ text: string, line: lineOf(node.start) })
    const call = methodCallOf(node)
    if (call !== undefined) methodCalls.push({ ...call, line: lineOf(node.start) })
  })
  const first = parsed.program.body[0]?.start ?? text.length
  const header = parsed.comments.find((comment) => comment.start < first && !comment.value.startsWith('!'))
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    strings,
    methodCalls,
    hasHeader: header !== undefined && /[A-Za-z]{2,}.*[A-Za-z]{2,}/s.test(header.value),
    syntaxErrors: parsed.errors.map((error) => ({ line: lineOf(error.labels[0]?.start ?? 0), message: error.message })),
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [member: string]: unknown
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function visit(value: unknown, enter: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, enter)
  else if (isNode(value)) {
    enter(value)
    for (const key in value) if (key !== 'parent') visit(value[key], enter)
  }
}

/** The module that a node refers to, if it does. */
function specifierOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return textOf(node['source'] ?? node['argument'])
    case 'NewExpression': {
      // `new URL('./drain-worker.ts', import.meta.url)`: how a worker's file is named.
      const callee = node['callee']
      const [url, base] = Array.isArray(node['arguments']) ? (node['arguments'] as unknown[]) : []
      if (!isNode(callee) || callee['name'] !== 'URL' || !isNode(base) || base.type !== 'MemberExpression')
        return undefined
      const object = base['object']
      const text = textOf(url)
      return isNode(object) && object.type === 'MetaProperty' && text !== undefined && /\.[cm]?[jt]s$/.test(text)
        ? text
        : undefined
    }
    default:
      return undefined
  }
}

function stringOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined
  if (node.type !== 'TemplateLiteral') return undefined
  return quasisOf(node)
    .map((quasi) => quasi.value.cooked ?? '')
    .join('*')
}

function methodCallOf(node: SyntaxNode): { method: string; argument: string } | undefined {
  if (node.type !== 'CallExpression') return undefined
  const callee = node['callee']
  const property = isNode(callee) && callee.type === 'MemberExpression' ? callee['property'] : undefined
  const argument = textOf(Array.isArray(node['arguments']) ? node['arguments'][0] : undefined)
  if (!isNode(property) || typeof property['name'] !== 'string' || argument === undefined) return undefined
  return { method: property['name'], argument }
}

const quasisOf = (node: SyntaxNode): readonly { readonly value: { readonly cooked: string | null } }[] =>
  node['quasis'] as readonly { readonly value: { readonly cooked: string | null } }[]

function textOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'TSLiteralType') return textOf(value['literal'])
  if (value.type === 'Literal') return typeof value['value'] === 'string' ? value['value'] : undefined
  if (value.type !== 'TemplateLiteral') return undefined
  const quasis = quasisOf(value)
  return quasis.length === 1 ? (quasis[0]?.value.cooked ?? undefined) : undefined
}
