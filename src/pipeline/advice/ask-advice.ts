/**
 * What strategies ask of models before they decide: calls inside the client's exchange, on its record and at its cost, each with a short
 * deadline of its own. Of several deployments the next is asked when one fails, as long as there is time.
 */
import { admits } from '../within-residency.ts'
import { floatsOf } from '../../kernel/codec/vectors.ts'
import type { Clock } from '../../kernel/clock.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Advice, AdviceQuestion } from '../../kernel/strategy.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { Usage } from '../../model/usage.ts'
import type { Failure } from '../attempt/attempt-result.ts'
import { restMsOf } from '../plan/route-tree.ts'
import { Accounts } from '../stand-ins/accounts.ts'
import { askForJson } from '../stand-ins/ask-for-json.ts'
import { askInside } from '../stand-ins/inner-call.ts'
import type { InnerContext } from '../stand-ins/inner-call.ts'

export class AskAdvice implements Advice {
  readonly #exchange: Exchange
  readonly #clock: Clock

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange
    this.#clock = clock
  }

  async embed(model: string, texts: readonly string[], withinMs: number): Promise<readonly (readonly number[])[]> {
    const vectors = await this.#ask(model, 'embed', withinMs, async (context) => {
      const inputs = texts.map((text) => ({ type: 'text' as const, text }))
      const answer = await askInside(context, 'embed', { model: context.deployment.model, inputs })
      if (!answer.ok) return answer
      this.#pay(context.deployment, answer.usages)
      return { ok: true, value: answer.response.vectors.map(({ values }) => floatsOf(values)) }
    })
    if (vectors.length !== texts.length)
      throw new Fault('provider_malformed', `${model} gave ${vectors.length} vectors for ${texts.length} texts.`)
    return vectors
  }

  json({ model, instructions, text, name, schema, withinMs }: AdviceQuestion): Promise<unknown> {
    return this.#ask(model, 'chat', withinMs, async (context) => {
      const accounts = new Accounts(this.#exchange, context.deployment)
      try {
        const shown = [{ type: 'text' as const, text }]
        return await askForJson(context, { name, instructions, shown, schema }, accounts)
      } finally {
        accounts.giveUp()
      }
    })
  }

  async #ask<T>(
    model: string,
    operation: 'chat' | 'embed',
    withinMs: number,
    ask: (context: InnerContext) => Promise<{ readonly ok: true; readonly value: T } | Failure>,
  ): Promise<T> {
    const exchange = this.#exchange
    const { totalTimeout = exchange.plan.totalTimeout, startedAt } = exchange
    const deadlineAt = Math.min(startedAt + totalTimeout, this.#clock.monotonic() + withinMs)
    const able = (exchange.plan.resolve(model)?.deployments ?? []).filter(
      (deployment) =>
        deployment.standIn === undefined && servesOperation(deployment, operation) && admits(exchange, deployment),
    )
    let fault = new Fault('operation_not_supported', `${model} has no target that serves ${operation}.`)
    for (const deployment of able.toSorted((a, b) => restMsOf(a) - restMsOf(b))) {
      if (this.#clock.monotonic() >= deadlineAt) break
      const before = exchange.attempts.length
      const asked = await ask({ exchange, deployment, clock: this.#clock, deadlineAt }).catch(
        (error: unknown): Failure => ({ ok: false, fault: asFault(error), failOver: true, retry: false }),
      )
      for (let at = before; at < exchange.attempts.length; at += 1) {
        const attempt = exchange.attempts[at]
        if (attempt !== undefined) exchange.attempts[at] = { ...attempt, advice: true }
      }
      if (asked.ok) return asked.value
      fault = asked.fault
      if (exchange.gone) break
    }
    throw fault
  }

  #pay(deployment: Deployment, usages: readonly Usage[]): void {
    this.#exchange.unfit.push(...usages.map((usage) => ({ deployment, usage })))
  }
}
