/** What people see when something fails: one sentence, a way out, and the right exit code. */
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../config/problem.ts'
import { KeyConflictError } from '../stores/key-store.ts'
import { CliError } from './cli-error.ts'
import { reportError } from './report-error.ts'
import { listenErrorText } from './system-error.ts'
import { openTerminal } from './terminal.ts'

function report(error: unknown): { code: number; text: string } {
  let text = ''
  const stream = { write: (piece: string) => void (text += piece) }
  const { err } = openTerminal({ stdin: {}, stdout: stream, stderr: stream, env: {}, argv: [] })
  return { code: reportError(error, err), text }
}

const systemError = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: boom`), { code, ...more })

describe('reportError', () => {
  it('says what a command said, with its hint and exit code', () => {
    expect(report(new CliError('no', { hint: 'do this' }))).toEqual({ code: 1, text: 'error: no\n       do this\n' })
    expect(report(new CliError('wrong', { kind: 'usage' }))).toEqual({ code: 2, text: 'error: wrong\n' })
  })

  it('lists the problems of a configuration at their places', () => {
    const { code, text } = report(
      new ConfigError([
        {
          file: 'a.yaml',
          line: 3,
          column: 5,
          path: 'server.prot',
          message: 'is not a known key',
          hint: 'did you mean `port`?',
        },
        { file: 'environment', path: 'PORT', message: 'is not a port' },
      ]),
    )
    expect(code).toBe(1)
    expect(text).toBe(
      'error: a.yaml:3:5: server.prot: is not a known key\n       did you mean `port`?\n' +
        'error: environment: PORT: is not a port\n2 problems in the configuration\n',
    )
  })

  it('tells known failures without a stack', () => {
    expect(report(new KeyConflictError('taken'))).toEqual({ code: 1, text: 'error: taken\n' })
    expect(report(systemError('EACCES', { path: '/x' }))).toEqual({ code: 1, text: 'error: /x: permission denied\n' })
    expect(report(systemError('ENOENT', { path: '/proc/x', syscall: 'mkdir' })).text).toContain(
      'nothing can be made there',
    )
  })

  it('tells defects with everything that helps to find them', () => {
    const { code, text } = report(new TypeError('undefined is not a function'))
    expect(code).toBe(1)
    expect(text).toContain('a defect of its own')
    expect(text).toContain('report-error.test.ts')
  })

  it('disarms what others wrote', () => {
    expect(report(new CliError('bad \u001b[2J')).text).toBe('error: bad \ufffd[2J\n')
  })
})

describe('listenErrorText', () => {
  it('names the address and a way out', () => {
    expect(listenErrorText(systemError('EADDRINUSE'), '127.0.0.1', 80)?.message).toBe(
      'port 80 of 127.0.0.1 is in use by another program',
    )
    expect(listenErrorText(systemError('EACCES'), '127.0.0.1', 80)?.hint).toContain('1023')
    expect(listenErrorText(systemError('EADDRNOTAVAIL'), '9.9.9.9', 80)?.message).toContain('9.9.9.9')
    expect(listenErrorText(systemError('EWHATEVER'), '127.0.0.1', 80)).toBeUndefined()
  })
})
