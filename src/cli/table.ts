/** Tables of plain text: columns as wide as their widest cell, and narrower where the terminal is, so that no row is broken in two. */
import type { Colors } from './terminal.ts'
import { printable } from './printable.ts'

export interface Column<Row> {
  readonly title: string
  /** Several lines are set below each other. */
  readonly text: (row: Row) => string
  readonly align?: 'left' | 'right'
  /** May be shortened when the terminal is too narrow. */
  readonly flexible?: boolean
  readonly paint?: (text: string, row: Row) => string
}

export interface TableOptions {
  readonly colors: Colors
  /** Columns of the terminal. */
  readonly width?: number | undefined
  /** A last row, set apart. */
  readonly footer?: readonly string[]
}

const gap = '  '
const narrowest = 8

export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): string {
  const { colors, footer } = options
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row)).split('\n')))
  const foot = footer?.map((text) => [text])
  const widths = columns.map((column, index) =>
    Math.max(
      displayWidth(column.title),
      ...[...cells, ...(foot === undefined ? [] : [foot])].flatMap((line) => (line[index] ?? []).map(displayWidth)),
    ),
  )
  fit(widths, columns, options.width)

  const lineOf = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0
        const short = shorten(text, width)
        const pad = ' '.repeat(width - displayWidth(short))
        const painted = short === '' ? '' : paint(short, index)
        return columns[index]?.align === 'right' ? pad + painted : painted + pad
      })
      .join(gap)
      .trimEnd()

  const lines = [
    lineOf(
      columns.map(({ title }) => title),
      (text) => colors.bold(text),
    ),
  ]
  rows.forEach((row, at) => {
    const cell = cells[at] ?? []
    const height = Math.max(1, ...cell.map((texts) => texts.length))
    for (let line = 0; line < height; line += 1) {
      lines.push(
        lineOf(
          cell.map((texts) => texts[line] ?? ''),
          (text, index) => columns[index]?.paint?.(text, row) ?? text,
        ),
      )
    }
  })
  if (footer !== undefined) {
    lines.push(colors.dim('─'.repeat(widths.reduce((sum, width) => sum + width + gap.length, -gap.length))))
    lines.push(lineOf(footer, (text) => colors.bold(text)))
  }
  return lines.join('\n')
}

/** Takes from the widest flexible column again and again until the table fits, or nothing is left to take. */
function fit<Row>(widths: number[], columns: readonly Column<Row>[], available: number | undefined): void {
  if (available === undefined) return
  let excess = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - available
  while (excess > 0) {
    let widest = -1
    widths.forEach((width, index) => {
      if (columns[index]?.flexible === true && width > narrowest && width > (widths[widest] ?? 0)) widest = index
    })
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
}

function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let short = ''
  let used = 0
  for (const character of text) {
    used += displayWidth(character)
    if (used > width - 1) break
    short += character
  }
  return `${short}…`
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const invisible = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u

/** Columns that the text takes in a terminal. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e…─→·]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += invisible.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

/** `name  value` lines, the names as wide as the widest. */
export function renderFields(
  fields: readonly (readonly [name: string, value: string])[],
  colors: Colors,
  indent = '',
): string {
  const width = Math.max(0, ...fields.map(([name]) => displayWidth(name)))
  return fields
    .map(([name, value]) => {
      const [first = '', ...rest] = printable(value).split('\n')
      const margin = `${indent}${' '.repeat(width)}${gap}`
      const head = `${indent}${colors.dim(name)}${' '.repeat(width - displayWidth(name))}${gap}${first}`
      return [head, ...rest.map((line) => `${margin}${line}`)].map((line) => line.trimEnd()).join('\n')
    })
    .join('\n')
}
