/** Who gets colours, and whose output is shortened. */
import { describe, expect, it } from 'vitest'
import { openTerminal, wantsColors } from './terminal.ts'

describe('colours', () => {
  it('are for terminals, unless somebody says otherwise', () => {
    expect(wantsColors(true, {}, [])).toBe(true)
    expect(wantsColors(false, {}, [])).toBe(false)
    expect(wantsColors(true, { TERM: 'dumb' }, [])).toBe(false)
    expect(wantsColors(true, { NO_COLOR: '1' }, [])).toBe(false)
    expect(wantsColors(true, { NO_COLOR: '' }, [])).toBe(true)
    expect(wantsColors(false, { FORCE_COLOR: '1' }, [])).toBe(true)
    expect(wantsColors(true, { FORCE_COLOR: '0' }, [])).toBe(false)
    expect(wantsColors(true, { FORCE_COLOR: '1', NO_COLOR: '1' }, [])).toBe(false)
    expect(wantsColors(true, { FORCE_COLOR: '1' }, ['keys', 'list', '--no-color'])).toBe(false)
    expect(wantsColors(true, {}, ['test', 'm', '--', '--no-color'])).toBe(true)
  })

  it('and widths are decided for each stream by itself', () => {
    const stream = (isTTY: boolean) => ({ isTTY, columns: 80, write: () => true })
    const terminal = openTerminal({
      stdin: { isTTY: true },
      stdout: stream(false),
      stderr: stream(true),
      env: {},
      argv: [],
    })
    expect(terminal.out).toMatchObject({ isTerminal: false, width: undefined, colors: { isColorSupported: false } })
    expect(terminal.err).toMatchObject({ isTerminal: true, width: 80, colors: { isColorSupported: true } })
    expect(terminal.interactive).toBe(false)
  })
})
