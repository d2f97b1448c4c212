/** Log lines for a person. */
import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { logLine } from './log-line.ts'

const colors = pc.createColors(false)
const time = '2026-11-21T02:17:45.123Z'

const record = {
  id: 'ex_1',
  requestId: 'req-1',
  at: 0,
  surface: 'POST /v1/chat/completions',
  operation: 'chat',
  keyName: 'ci',
  modelAsked: 'fast',
  deployment: 'openai/gpt-4o-mini',
  stream: true,
  attempts: [{}, {}],
  usage: { input: { total: 1200 }, output: { total: 34 } },
  cost: 37_500,
  firstByteMs: 310.4,
  durationMs: 1234.5,
  overheadMs: 1,
  status: 200,
  outcome: 'ok',
}

describe('logLine', () => {
  it('gives the time, what happened, and the fields that say more', () => {
    expect(logLine({ level: 'info', time, msg: 'started', port: 8080, name: 'a b', none: undefined }, colors)).toBe(
      '02:17:45.123 INFO  started  port=8080  name=a b\n',
    )
  })

  it('makes one short line of an exchange', () => {
    expect(logLine({ level: 'info', time, exchange: record, msg: 'exchange' }, colors)).toBe(
      '02:17:45.123 INFO  200 fast → openai/gpt-4o-mini  1.23 s, first byte 310 ms  1,200 + 34 tokens  $0.0000375  2 attempts  key ci  req-1\n',
    )
  })

  it('names the fault of one that failed', () => {
    const { usage: _usage, cost: _cost, deployment: _deployment, keyName: _key, ...rest } = record
    const failed = { ...rest, stream: false, attempts: [], status: 404, outcome: 'fault', fault: 'model_not_found' }
    expect(logLine({ level: 'warn', time, exchange: failed, msg: 'exchange' }, colors)).toBe(
      '02:17:45.123 WARN  404 fast  model_not_found  1.23 s  req-1\n',
    )
  })

  it('sets problems and stacks below', () => {
    expect(
      logLine(
        { level: 'error', time, msg: 'no', problems: ['a.yaml:1:1: x', 'b'], err: { stack: 'Error: x\n  at y' } },
        colors,
      ),
    ).toBe(
      '02:17:45.123 ERROR no\n             a.yaml:1:1: x\n             b\n             Error: x\n               at y\n',
    )
  })

  it('lets no client command the terminal', () => {
    const hostile = { ...record, modelAsked: 'x\u001b[2J\ny', requestId: '\u0007' }
    const line = logLine({ level: 'info', time, exchange: hostile, msg: 'exchange' }, colors)
    expect(line.slice(0, -1)).not.toMatch(/\p{Cc}/u)
  })
})
