/**
 * A configuration file read into plain values, environment variables put in, with the place of every key and value kept, so that
 * whatever is found wrong later can be pointed at. Its messages never quote the file, because the file may hold secrets.
 */
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, Node, YAMLError } from 'yaml'
import { interpolate } from './interpolate.ts'
import type { Environment } from './interpolate.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'

export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** What to call it, where it is not called by its path: the environment variable that a value came from. */
  readonly path?: string
}

export interface ConfigDocument {
  /** Maps, lists, strings, numbers, booleans and null; an empty file is an empty map. */
  readonly value: unknown
  readonly problems: readonly ConfigProblem[]
  /** Where a value stands, or its key; the nearest enclosing thing for what is not there. */
  place(path: ConfigPath, of: 'key' | 'value'): Place
  /** Text from the environment is in it, so it must not be shown. */
  secret(path: ConfigPath): boolean
}

/** Nodes read through aliases, which can make a small file endless; what is written out is bounded by the file itself. */
const maxUnfolded = 10_000
const maxDepth = 64

/** Why the file is no YAML, by the parser's error codes, without its text. */
const syntaxMessages: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias cannot have a tag or anchor of its own',
  BAD_ALIAS: 'an alias needs the name of an anchor',
  BAD_DIRECTIVE: 'is not a YAML directive',
  BAD_DQ_ESCAPE: 'is not an escape sequence of double-quoted text; write the backslash twice, or use single quotes',
  BAD_INDENT: 'is not indented as its neighbours are',
  BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map within a map needs a line of its own; text with `: ` in it needs quotes',
  BLOCK_IN_FLOW: 'inside `{ }` or `[ ]` everything has to be written in that form',
  DUPLICATE_KEY: 'this key stands here for the second time',
  MISSING_CHAR: 'a character is missing: a quote, a comma, a colon or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a key has to be on one line; a colon or a quote is missing',
  MULTIPLE_DOCS: 'the file holds several documents; only one is read',
  NON_STRING_KEY: 'a key must be plain text',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'has a tag that is not known',
  UNEXPECTED_TOKEN:
    'is not expected here; text with `{`, `[`, `#` or `: ` in it, such as `${NAME}` inside `{ }`, needs quotes',
}

export function parseConfigDocument(text: string, file: string, env: Environment): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' })
  const reader = new DocumentReader(document, file, lines, env)
  const [duplicates, broken] = partition([...document.errors, ...document.warnings])
  for (const error of duplicates) reader.reportSyntax(error)
  // After the first place where the structure is lost, the parser complains of everything that follows.
  if (broken[0] !== undefined) reader.reportSyntax(broken[0])
  const value = broken.length > 0 ? {} : reader.read()
  return {
    value,
    problems: reader.problems,
    place: (path, of) => reader.place(path, of),
    secret: (path) => reader.secrets.has(pathKey(path)),
  }
}

function partition(errors: readonly YAMLError[]): [duplicates: YAMLError[], broken: YAMLError[]] {
  const isDuplicate = (error: YAMLError): boolean => error.code === 'DUPLICATE_KEY'
  return [errors.filter(isDuplicate), errors.filter((error) => !isDuplicate(error))]
}

const pathKey = (path: ConfigPath): string => JSON.stringify(path)

class DocumentReader {
  readonly problems: ConfigProblem[] = []
  readonly secrets = new Set<string>()
  readonly #document: Document.Parsed
  readonly #file: string
  readonly #lines: LineCounter
  readonly #env: Environment
  readonly #keys = new Map<string, number>()
  readonly #values = new Map<string, number>()
  /** The maps and lists around the node being read. */
  readonly #open = new Set<Node>()
  #inAliases = 0
  #unfolded = 0

  constructor(document: Document.Parsed, file: string, lines: LineCounter, env: Environment) {
    this.#document = document
    this.#file = file
    this.#lines = lines
    this.#env = env
  }

  reportSyntax(error: YAMLError): void {
    const message = syntaxMessages[error.code] ?? 'is not valid YAML'
    this.problems.push({ ...this.#placeOf(error.pos[0]), path: '', message })
  }

  read(): unknown {
    return this.#convert(this.#document.contents, [], 0) ?? {}
  }

  place(path: ConfigPath, of: 'key' | 'value'): Place {
    const own = pathKey(path)
    const offset = of === 'key' ? (this.#keys.get(own) ?? this.#values.get(own)) : this.#values.get(own)
    if (offset !== undefined) return this.#placeOf(offset)
    return path.length === 0 ? this.#placeOf(0) : this.place(path.slice(0, -1), 'key')
  }

  #placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  #report(offset: number, path: ConfigPath, message: string, hint?: string): void {
    const place = this.#placeOf(offset)
    this.problems.push({ ...place, path: formatPath(path), message, ...(hint === undefined ? {} : { hint }) })
  }

  #convert(node: Node | null, path: ConfigPath, depth: number): unknown {
    if (node === null) return null
    const offset = node.range?.[0] ?? 0
    this.#values.set(pathKey(path), offset)
    if (this.#inAliases > 0) this.#unfolded += 1
    if (this.#unfolded > maxUnfolded || depth > maxDepth) {
      // The first report is enough.
      if (!this.problems.some((problem) => problem.message === tooLarge)) this.#report(offset, path, tooLarge)
      return null
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document)
      if (target !== undefined && !this.#open.has(target)) {
        this.#inAliases += 1
        const value = this.#convert(target, path, depth + 1)
        this.#inAliases -= 1
        return value
      }
      this.#report(
        offset,
        path,
        target === undefined ? 'refers to an anchor that is not there' : 'refers to what it is in',
      )
      return null
    }
    if (isScalar(node))
      return typeof node.value === 'string' ? this.#interpolate(node.value, offset, path) : plain(node.value)
    this.#open.add(node)
    const value = this.#convertCollection(node, offset, path, depth)
    this.#open.delete(node)
    return value
  }

  #convertCollection(node: Node, offset: number, path: ConfigPath, depth: number): unknown {
    if (isMap(node)) {
      const result: Record<string, unknown> = {}
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : undefined
        const keyOffset = (pair.key as Node | null)?.range?.[0] ?? offset
        if (key === undefined || key === '__proto__') {
          this.#report(keyOffset, path, 'a key must be plain text')
          continue
        }
        const inner = [...path, key]
        this.#keys.set(pathKey(inner), keyOffset)
        result[key] = this.#convert(pair.value as Node | null, inner, depth + 1)
      }
      return result
    }
    if (isSeq(node))
      return node.items.map((item, index) => this.#convert(item as Node | null, [...path, index], depth + 1))
    return null
  }

  #interpolate(text: string, offset: number, path: ConfigPath): string {
    if (!text.includes('${')) return text
    const { text: result, changed, missing, malformed } = interpolate(text, this.#env)
    if (changed) this.secrets.add(pathKey(path))
    for (const name of missing) {
      const hint = `set it, or give a default: \`\${${name}:-…}\``
      this.#report(offset, path, `the environment variable ${name} is not set`, hint)
    }
    if (malformed.length > 0) {
      const hint = 'write `${NAME}` or `${NAME:-default}`; `$${` stands for a literal `${`'
      this.#report(offset, path, 'has a `${` that begins no environment variable', hint)
    }
    return result
  }
}

const tooLarge = 'the configuration is larger or deeper than the gateway reads'

/** What is neither text, number, truth value nor nothing (a bigint, a tagged date) is given on as text. */
function plain(value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}
