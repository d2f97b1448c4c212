/**
 * Ids of calls. Google's are optional: a call without one is known by its name and its place, which clients of other protocols
 * cannot tell results by. So one is made up for the model, the same each time, and left out again when the call is written here.
 */

export interface CallIds {
  /** The id of the next call: `told`, if it has one. */
  call(name: string, told: string | undefined): string
  /** The id of the call that a result without one answers: the first of that name that none has answered. */
  result(name: string, told: string | undefined): string
  /** The id of the next piece of code that Google runs, and of the last. */
  code(told: string | undefined): string
  lastCode(): string
}

/** `prefix` sets the made-up ids of one answer apart from those of any other; empty for a whole conversation. */
export function callIds(prefix = ''): CallIds {
  const open: { readonly id: string; readonly name: string }[] = []
  let calls = 0
  let codes = 0
  let lastCode = `code_${prefix}0`
  return {
    call(name, told) {
      const id = told ?? `call_${prefix}${calls}`
      calls++
      open.push({ id, name })
      return id
    },
    result(name, told) {
      const at = open.findIndex((call) => (told === undefined ? call.name === name : call.id === told))
      const [answered] = at === -1 ? [] : open.splice(at, 1)
      return told ?? answered?.id ?? `call_${prefix}unknown`
    },
    code(told) {
      lastCode = told ?? `code_${prefix}${codes}`
      codes++
      return lastCode
    },
    lastCode: () => lastCode,
  }
}

/** The prefix of an answer's ids: other protocols take letters, digits, `-` and `_` alone, and not many. */
export function answerPrefix(responseId: string, choice: number): string {
  const id = responseId.replaceAll(/[^a-zA-Z0-9_-]/g, '').slice(0, 24)
  return `${id === '' ? '' : `${id}_`}${choice === 0 ? '' : `${choice}_`}`
}
