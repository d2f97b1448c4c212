// Writes server-sent events as text: the one place that knows how data is cut into lines and what may not be written.

import type { SseEvent } from './sse-reader.ts'

const LINE_END = /\r\n|\r|\n/
const LINE_END_OR_NUL = /[\r\n\0]/

/**
 * One event, ended by its blank line. Data of several lines becomes several data lines, so a reader gets LF for each line
 * end in it. An empty `event` is left out: readers take both alike.
 *
 * @throws RangeError if `event` or `id` has a line end, `id` a NUL, or `retry` is not a whole number of milliseconds
 */
export function formatSseEvent({ event, data, id, retry }: SseEvent): string {
  let head = ''
  if (event !== undefined && event !== '') {
    if (LINE_END.test(event)) throw new RangeError('the event type of a server-sent event must be one line')
    head = `event: ${event}\n`
  }
  if (id !== undefined) {
    if (LINE_END_OR_NUL.test(id)) throw new RangeError('the id of a server-sent event must be one line without NUL')
    head += `id: ${id}\n`
  }
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw new RangeError('the retry time of a server-sent event must be a whole number of milliseconds')
    }
    head += `retry: ${retry}\n`
  }
  return LINE_END.test(data) ? `${head}${prefixed('data', data)}\n` : `${head}data: ${data}\n\n`
}

/**
 * A comment, which readers skip: for keeping a connection alive. Ends with a blank line, for the many readers that cut a
 * stream at blank lines; so write it between events only.
 */
export function formatSseComment(text: string): string {
  return `${prefixed('', text)}\n`
}

function prefixed(field: string, text: string): string {
  let lines = ''
  for (const line of text.split(LINE_END)) lines += `${field}: ${line}\n`
  return lines
}
