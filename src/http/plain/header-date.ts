/** The time as headers have it, written once in a second. */

let writtenFor = 0
let written = ''

export function headerDate(now: number = Date.now()): string {
  const second = Math.floor(now / 1000)
  if (second !== writtenFor) {
    writtenFor = second
    written = new Date(now).toUTCString()
  }
  return written
}
