/** What a scalar of the configuration says when it cannot be read: the problem, and how to write it instead. Never the value itself. */
export class ScalarError extends Error {
  override readonly name = 'ScalarError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
