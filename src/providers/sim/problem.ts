/** A request that the simulator refuses, as a real service would: each protocol words it in its own error shape. */

export interface ProblemDetails {
  /** The field at fault. */
  readonly param?: string
  /** OpenAI's finer code, such as `model_not_found`. */
  readonly code?: string
}

export class SimProblem extends Error {
  override readonly name = 'SimProblem'
  readonly status: number
  readonly param: string | null
  readonly code: string | null

  constructor(status: number, message: string, details: ProblemDetails = {}) {
    super(message)
    this.status = status
    this.param = details.param ?? null
    this.code = details.code ?? null
  }
}

export function badRequest(param: string, message: string): SimProblem {
  return new SimProblem(400, message, { param })
}
