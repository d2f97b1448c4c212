/** Log entries as short lines for a person: the time, what happened, and the fields that say more. */
import type { ExchangeRecord } from '../../model/record.ts'
import { printable, printableLine } from '../printable.ts'
import { formatCount, formatDollars, formatMilliseconds } from '../quantities.ts'
import type { Colors } from '../terminal.ts'

type Entry = Readonly<Record<string, unknown>>

/** With its line end. */
export function logLine(entry: Entry, colors: Colors): string {
  const { time, level, msg, err, problems, exchange, ...fields } = entry
  const at = typeof time === 'string' ? time.slice(11, 23) : ''
  const head = `${colors.dim(at)} ${levelText(String(level), colors)}`
  const message = typeof msg === 'string' ? msg : ''
  const body =
    typeof exchange === 'object' && exchange !== null
      ? exchangeText(exchange as ExchangeRecord, colors)
      : [printableLine(message), ...fieldTexts(fields, colors)].join('  ')
  const below = [...(Array.isArray(problems) ? problems.map(String) : []), ...errorLines(err)]
  return `${head} ${body}\n${below.map((line) => `             ${printable(line)}\n`).join('')}`
}

function levelText(level: string, colors: Colors): string {
  const text = level.toUpperCase().padEnd(5)
  switch (level) {
    case 'fatal':
    case 'error':
      return colors.red(text)
    case 'warn':
      return colors.yellow(text)
    case 'debug':
    case 'trace':
      return colors.dim(text)
    default:
      return colors.green(text)
  }
}

/** `200 fast → openai/gpt-4o-mini  1.24 s, first byte 310 ms  120 + 456 tokens  $0.00123  key ci  ex_…` */
function exchangeText(record: ExchangeRecord, colors: Colors): string {
  const { outcome, status, fault, modelAsked, deployment, stream, firstByteMs, durationMs, usage, cost, attempts } =
    record
  const ok = outcome === 'ok'
  const asked = printableLine(modelAsked ?? '(no model)')
  const target = deployment === undefined || deployment === asked ? asked : `${asked} → ${printableLine(deployment)}`
  const first = stream && firstByteMs !== undefined ? `, first byte ${formatMilliseconds(firstByteMs)}` : ''
  const parts = [
    ok ? undefined : colors.red(fault ?? outcome),
    `${formatMilliseconds(durationMs)}${first}`,
    usage && `${formatCount(usage.input.total)} + ${formatCount(usage.output.total)} tokens`,
    cost === undefined ? undefined : formatDollars(cost),
    attempts.length > 1 ? colors.yellow(`${attempts.length} attempts`) : undefined,
    record.keyName === undefined ? undefined : `key ${printableLine(record.keyName)}`,
    colors.dim(printableLine(record.requestId)),
  ]
  const head = `${(ok ? colors.green : colors.red)(String(status))} ${colors.bold(target)}`
  return [head, ...parts.filter((part) => part !== undefined)].join('  ')
}

function fieldTexts(fields: Entry, colors: Colors): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return []
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return [colors.dim(`${name}=${printableLine(text)}`)]
  })
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return []
  const { stack, message } = error as Entry
  return (typeof stack === 'string' ? stack : typeof message === 'string' ? message : '').split('\n')
}
