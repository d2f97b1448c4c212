/** The parts of a Markdown page that checks look at: the first column of its tables, code spans, links, headings and code blocks. */

export interface At {
  readonly line: number
}

export interface MarkdownPage {
  /** Code spans in the first column of tables. */
  readonly names: readonly (At & { readonly text: string })[]
  /** All code spans outside of code blocks. */
  readonly spans: readonly (At & { readonly text: string })[]
  readonly links: readonly (At & { readonly target: string })[]
  /** Anchors that headings give. */
  readonly anchors: ReadonlySet<string>
  readonly blocks: readonly (At & {
    readonly language: string
    readonly marks: readonly string[]
    readonly text: string
  })[]
}

export function parseMarkdown(text: string): MarkdownPage {
  const names: (At & { text: string })[] = []
  const spans: (At & { text: string })[] = []
  const links: (At & { target: string })[] = []
  const anchors = new Set<string>()
  const blocks: (At & { language: string; marks: string[]; text: string })[] = []
  let block: { fence: string; language: string; marks: string[]; line: number; lines: string[] } | undefined

  text.split('\n').forEach((content, index) => {
    const line = index + 1
    const fence = /^\s*(`{3,}|~{3,})\s*(.*?)\s*$/.exec(content)
    if (block !== undefined) {
      if (fence?.[1]?.startsWith(block.fence) === true && fence[2] === '') {
        blocks.push({
          line: block.line,
          language: block.language,
          marks: block.marks,
          text: `${block.lines.join('\n')}\n`,
        })
        block = undefined
      } else block.lines.push(content)
      return
    }
    if (fence !== null) {
      const [language = '', ...marks] = (fence[2] ?? '').split(/\s+/)
      block = { fence: fence[1] ?? '```', language, marks, line, lines: [] }
      return
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(content)
    if (heading !== null) addAnchor(anchors, heading[1] ?? '')
    const inCode = codeSpans(content)
    spans.push(...inCode.map((span) => ({ line, text: span })))
    if (content.startsWith('|'))
      names.push(...codeSpans(content.split(/(?<!\\)\|/)[1] ?? '').map((span) => ({ line, text: span })))
    const prose = content.replace(/`+[^`]*`+/g, (span) => ' '.repeat(span.length))
    for (const [, target = ''] of prose.matchAll(/\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g)) links.push({ line, target })
    const definition = /^\[[^\]]+\]:\s+(\S+)/.exec(prose)
    if (definition !== null) links.push({ line, target: definition[1] ?? '' })
  })
  return { names, spans, links, anchors, blocks }
}

const codeSpans = (text: string): string[] =>
  [...text.matchAll(/(`+)(.+?)\1(?!`)/g)].map((match) => (match[2] ?? '').trim())

/** As GitHub makes them: lower case, without punctuation, spaces as hyphens, numbered when they come again. */
function addAnchor(anchors: Set<string>, heading: string): void {
  const base = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
  let anchor = base
  for (let count = 1; anchors.has(anchor); count += 1) anchor = `${base}-${count}`
  anchors.add(anchor)
}
