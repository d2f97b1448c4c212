/** Text that others wrote, made harmless for a terminal: models, clients and providers could send sequences that command it. */

/** Control characters, and those that turn the direction of the text around them. */
const commanding = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Keeps line ends and tabs. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(commanding, '\ufffd')
}

/** On one line. */
export function printableLine(text: string): string {
  return printable(text.replace(/[\r\n\t]+/g, ' '))
}
