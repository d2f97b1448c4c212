/**
 * Asks shadow targets for what a client has been answered: an exchange of its own for each, without a key, whose record says what it
 * mirrors and how the two answers compare. Clients never wait for it: it begins when their answer is complete, only so many are under
 * way, and what would be one too many is left out.
 */
import { Exchange } from '../../kernel/exchange.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Route } from '../../kernel/route.ts'
import type { Stage } from '../../kernel/stage.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { runRounds } from '../attempt/rounds.ts'
import type { RoundsContext } from '../attempt/rounds.ts'
import { compose } from '../compose.ts'
import { restMsOf } from '../plan/route-tree.ts'
import { settle } from '../stages/settle.ts'
import type { SettleContext } from '../stages/settle.ts'
import { compared } from './compare.ts'
import { keeping } from './kept-answer.ts'
import type { KeptAnswer } from './kept-answer.ts'

export interface MirrorsContext extends SettleContext, RoundsContext {
  /** One was left out, because as many as may be were under way. */
  readonly onDropped: () => void
}

/** What may be asked twice: nothing that makes something that stays, or that came with a file. */
const mirrored: ReadonlySet<string> = new Set(['chat', 'embed', 'rerank', 'moderate'])

interface Original {
  readonly exchange: Exchange
  readonly record: ExchangeRecord
  readonly kept: KeptAnswer
  readonly streamed: boolean
}

export class Mirrors implements AsyncDisposable {
  readonly #context: MirrorsContext
  readonly #underWay = new Set<Exchange>()
  readonly #settled = new Set<Promise<void>>()
  #closed = false

  constructor(context: MirrorsContext) {
    this.#context = context
  }

  get size(): number {
    return this.#underWay.size
  }

  /** The same reply. Once it is complete, each list of targets is asked for one as well. */
  behind(exchange: Exchange, mirrors: readonly (readonly Deployment[])[], answer: Reply): Reply {
    if (!mirrored.has(exchange.surface.operation) || exchange.uploads.length > 0) return answer
    const { reply, kept } = keeping(answer)
    exchange.settlements.push((record) => {
      if (record.outcome !== 'ok') return
      const original: Original = { exchange, record, kept, streamed: reply.kind === 'stream' }
      for (const [index, targets] of mirrors.entries()) this.#take(original, targets, index)
    })
    return reply
  }

  #take(original: Original, targets: readonly Deployment[], index: number): void {
    // Where clients wait for a place, a shadow would wait before them.
    const ready = targets.filter((target) => restMsOf(target) === 0 && target.slots?.busy !== true)
    const { plan } = original.exchange
    if (this.#closed || ready.length === 0 || this.#underWay.size >= plan.mirrorLimit) return this.#context.onDropped()
    const shadow = this.#shadowOf(original, index)
    this.#underWay.add(shadow)
    // What the client's own answer still has to do comes first.
    setImmediate(() => {
      const settled = this.#run(original, shadow, ready).finally(() => {
        this.#underWay.delete(shadow)
        this.#settled.delete(settled)
      })
      this.#settled.add(settled)
    })
  }

  #shadowOf({ exchange }: Original, index: number): Exchange {
    const { clock } = this.#context
    const { requestId, surface, plan, headers, address } = exchange
    const shadow = new Exchange({
      id: `${exchange.id}-mirror${index === 0 ? '' : index + 1}`,
      requestId,
      surface,
      plan,
      headers,
      at: clock.now(),
      startedAt: clock.monotonic(),
      receive: () => new Uint8Array(),
      ...(address !== undefined && { address }),
    })
    shadow.body = exchange.body
    shadow.head = exchange.head
    shadow.keepResidencyOf(exchange)
    shadow.goWaysOf(exchange)
    shadow.route = exchange.route && withoutFallbacks(exchange.route)
    shadow.receivedAt = shadow.startedAt
    shadow.inputEstimate = exchange.inputEstimate
    shadow.rounds = 0
    return shadow
  }

  async #run(original: Original, shadow: Exchange, targets: readonly Deployment[]): Promise<void> {
    const call: Stage = {
      name: 'call-shadow',
      run: async () => {
        if (this.#closed) shadow.cancel()
        const { reply, kept } = keeping(await runRounds(shadow, { targets }, this.#context))
        shadow.mirror = {
          of: original.exchange.id,
          compare: (record) =>
            compared(contentOf(original), {
              record,
              content: kept.read(shadow, reply.kind === 'stream'),
            }),
        }
        return reply
      },
    }
    shadow.mirror = {
      of: original.exchange.id,
      compare: (record) => compared(contentOf(original), { record, content: undefined }),
    }
    try {
      const reply = await compose([settle(this.#context), call])(shadow)
      if (reply.kind === 'stream') await heard(reply)
    } catch {
      // What went wrong is on its record.
    }
  }

  /** Ends all of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const shadow of this.#underWay) shadow.cancel()
    while (this.#underWay.size > 0) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      await Promise.all(this.#settled)
    }
  }
}

/** What another than the shadow would answer is of no interest. */
function withoutFallbacks(route: Route): Route {
  const { fallbacks: _, ...own } = route
  return own
}

const contentOf = ({ exchange, record, kept, streamed }: Original) => ({
  record,
  content: kept.read(exchange, streamed),
})

/** Takes all of a stream. */
const heard = ({ source }: Extract<Reply, { kind: 'stream' }>): Promise<void> =>
  new Promise((resolve) => {
    source.start({ write: () => true, end: () => resolve() })
  })
