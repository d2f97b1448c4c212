/** The journal's files: `journal/00000001.jsonl` and so on in the data directory, ascending for ever. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalPosition } from '../usage-store.ts'

export interface Segment {
  readonly number: number
  readonly path: string
}

/** The folder of the segments in a data directory. */
export function journalFolder(dataDir: string): string {
  return join(dataDir, 'journal')
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.jsonl`)
}

/** The segments there are, ascending; files of other names are left alone. */
export function listSegments(folder: string): Segment[] {
  const segments: Segment[] = []
  for (const name of readdirSync(folder)) {
    const match = /^(\d{8,15})\.jsonl$/.exec(name)
    if (match !== null) segments.push({ number: Number(match[1]), path: join(folder, name) })
  }
  return segments.sort((a, b) => a.number - b.number)
}

export function sizeOf(segment: Segment): number {
  return statSync(segment.path).size
}

/** Negative when `a` is before `b`. */
export function comparePositions(a: JournalPosition, b: JournalPosition): number {
  return a.segment - b.segment || a.offset - b.offset
}
