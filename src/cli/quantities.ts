/** Numbers as people read them: counts, bytes, times and money. Money is always exact. */
import { formatUsd } from '../model/money.ts'
import type { NanoUsd } from '../model/money.ts'

/** 1234567 → `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `3 keys`, `1 key`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`
}

/** 1536 → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`
}

/** 12.34 → `12 ms`, 1234 → `1.23 s`, 75_000 → `1 min 15 s`. */
export function formatMilliseconds(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Exact: `$0.0000375`. */
export function formatDollars(nano: NanoUsd | bigint): string {
  const text = formatUsd(nano)
  return text.startsWith('-') ? `-$${text.slice(1)}` : `$${text}`
}
