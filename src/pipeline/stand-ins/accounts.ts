/** What a stand-in's calls have consumed so far: all but the last are paid for beside the answer, the last is the answer's own. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Usage } from '../../model/usage.ts'
import { sumOfUsage } from '../sum-of-usage.ts'

export class Accounts {
  readonly #exchange: Exchange
  readonly #deployment: Deployment
  readonly #calls: Usage[] = []

  constructor(exchange: Exchange, deployment: Deployment) {
    this.#exchange = exchange
    this.#deployment = deployment
  }

  add(usages: readonly Usage[]): void {
    this.#calls.push(...usages)
  }

  /** There will be no answer: everything is paid for nothing. */
  giveUp(): void {
    for (const usage of this.#calls.splice(0)) this.#exchange.unfit.push({ deployment: this.#deployment, usage })
  }

  /** The usage of the answer's own call, and what the client is told: all of it. */
  close(): { readonly own: Usage | undefined; readonly all: Usage | undefined } {
    const all = this.#calls.length === 0 ? undefined : withoutRaw(sumOfUsage(this.#calls))
    const own = this.#calls.pop()
    this.giveUp()
    return { own, all }
  }
}

/** What a provider said of one call in its own words says nothing of them all. */
function withoutRaw(usage: Usage): Usage {
  const { raw: _, ...rest } = usage
  return rest
}
