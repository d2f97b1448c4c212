/** The losses of a stream, each once: what a stream cannot say it would report with every event that has it. */
import type { Loss } from '../../model/loss.ts'

export class ReportedOnce {
  readonly #all: Loss[] = []

  get all(): readonly Loss[] {
    return this.#all
  }

  /** Runs an encoder that reports into a list, and keeps of its reports those that are new. */
  of<T>(encode: (lost: Loss[]) => T): T {
    const lost: Loss[] = []
    const value = encode(lost)
    for (const loss of lost) {
      const known = this.#all.some(({ path, reason }) => path === loss.path && reason === loss.reason)
      if (!known) this.#all.push(loss)
    }
    return value
  }
}
