/**
 * What strategies ask of models before they decide: calls inside the client's exchange, on its record and at its cost, each with a short
 * deadline of its own. Of several deployments the next is asked when one fails, as long as there is time.
 */
import { askAccount } from '../accounts/ask-account.ts'
import { admits } from '../within-residency.ts'
import { floatsOf } from '../../kernel/codec/vectors.ts'
import type { Clock } from '../../kernel/clock.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Advice, AdviceQuestion, SelectQuestion } from '../../kernel/strategy.ts'
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

  /** It costs what the service charges for it, which the client does not pay. */
  async select({ provider, text, candidates, tradeoff, withinMs }: SelectQuestion): Promise<string> {
    const exchange = this.#exchange
    const account = exchange.plan
      .accounts(provider)
      .toSorted((a, b) => a.deployment.standing.restMs() - b.deployment.standing.restMs())
      .find(({ adviser }) => adviser !== undefined)
    if (account?.adviser === undefined)
      throw new Fault('operation_not_supported', `"${provider}" is no provider here that advises.`)
    const late = new AbortController()
    const timer = this.#clock.after(withinMs, () => late.abort())
    const before = exchange.attempts.length
    try {
      const call = account.adviser.select({ text, candidates, ...(tradeoff !== undefined && { tradeoff }) })
      const signal = AbortSignal.any([exchange.signal, late.signal])
      const answer = await askAccount(account, call, { clock: this.#clock, exchange, signal })
      const chosen = account.adviser.readChoice(answer)
      if (chosen === undefined || !candidates.includes(chosen))
        throw new Fault(
          'provider_malformed',
          `${provider} chose ${JSON.stringify(chosen ?? null).slice(0, 120)}, which is no candidate.`,
        )
      return chosen
    } catch (error) {
      if (late.signal.aborted && !exchange.gone)
        throw new Fault('deadline_exceeded', `${provider} did not advise in time.`, { cause: error })
      throw error
    } finally {
      timer.cancel()
      this.#markAdvice(before)
    }
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
      this.#markAdvice(before)
      if (asked.ok) return asked.value
      fault = asked.fault
      if (exchange.gone) break
    }
    throw fault
  }

  #markAdvice(from: number): void {
    const { attempts } = this.#exchange
    for (const [index, attempt] of attempts.entries()) if (index >= from) attempts[index] = { ...attempt, advice: true }
  }

  #pay(deployment: Deployment, usages: readonly Usage[]): void {
    this.#exchange.unfit.push(...usages.map((usage) => ({ deployment, usage })))
  }
}
