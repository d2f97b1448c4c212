/** Tables: aligned, whole, and no wider than the terminal as far as they can be narrowed. */
import fc from 'fast-check'
import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { displayWidth, renderFields, renderTable } from './table.ts'
import type { Column } from './table.ts'

const colors = pc.createColors(false)

interface Row {
  readonly name: string
  readonly count: number
}

const columns: Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name, flexible: true },
  { title: 'COUNT', text: ({ count }) => String(count), align: 'right' },
]

describe('renderTable', () => {
  it('aligns columns by what a terminal shows, in any script', () => {
    const rows = [
      { name: '日本語', count: 1 },
      { name: 'naïve', count: 23 },
      { name: '🐎', count: 456 },
    ]
    expect(renderTable(columns, rows, { colors }).split('\n')).toEqual([
      'NAME    COUNT',
      '日本語      1',
      'naïve      23',
      '🐎        456',
    ])
  })

  it('sets the lines of one cell below each other', () => {
    const rows = [
      { name: 'a\nbb', count: 1 },
      { name: 'c', count: 2 },
    ]
    expect(renderTable(columns, rows, { colors }).split('\n')).toEqual([
      'NAME  COUNT',
      'a         1',
      'bb',
      'c         2',
    ])
  })

  it('sets the footer apart', () => {
    const text = renderTable(columns, [{ name: 'a', count: 1 }], { colors, footer: ['total', '12345678'] })
    expect(text.split('\n')).toEqual(['NAME      COUNT', 'a             1', '─'.repeat(15), 'total  12345678'])
  })

  it('shortens flexible cells to the width of the terminal', () => {
    const rows = [{ name: 'a-name-that-is-much-too-long', count: 1 }]
    const lines = renderTable(columns, rows, { colors, width: 20 }).split('\n')
    expect(lines).toEqual(['NAME           COUNT', 'a-name-that-…      1'])
  })

  it('paints what is shown without moving it', () => {
    const painted: Column<Row>[] = [{ ...columns[0]!, paint: (text) => `<${text}>` }, columns[1]!]
    const [, line] = renderTable(painted, [{ name: 'ab', count: 1 }], { colors }).split('\n')
    expect(line).toBe('<ab>        1')
  })

  it('never exceeds the width, and never lets a cell command the terminal', () => {
    const rows = fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), count: fc.nat(99_999) }), { maxLength: 8 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 20, max: 60 }), (rows, width) => {
        for (const line of renderTable(columns, rows, { colors, width }).split('\n')) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(line).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/)
        }
      }),
    )
  })
})

describe('renderFields', () => {
  it('sets further lines of a value below its first', () => {
    const text = renderFields(
      [
        ['a', '1'],
        ['long', 'x\ny'],
      ],
      colors,
      '> ',
    )
    expect(text.split('\n')).toEqual(['> a     1', '> long  x', '>       y'])
  })
})
