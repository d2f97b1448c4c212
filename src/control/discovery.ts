/**
 * Learns which models a server of one's own has, by asking it: for providers that were configured without a list. Runs beside the
 * requests and never delays one; an answer that does not come is simply tried again later.
 */
import type { Clock } from '../kernel/clock.ts'
import { Body } from '../kernel/body.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { DiscoveredModels } from '../pipeline/plan/compile-plan.ts'
import type { DiscoverySource } from '../pipeline/plan/discovery-sources.ts'

const refreshAfter = 600_000
const askAgainAfter = 15_000
const answerLimit = 4 << 20
const answerTimeout = 10_000
const mostModels = 5000

export class Discovery implements DiscoveredModels {
  readonly #clock: Clock
  readonly #models = new Map<string, readonly string[]>()
  #sources: readonly DiscoverySource[] = []
  #askedAt = -Infinity
  #running: Promise<void> | undefined
  version = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The providers to ask from now on; asks them at once, in the background. */
  watch(sources: readonly DiscoverySource[]): void {
    this.#sources = sources
    const names = new Set(sources.map(({ name }) => name))
    for (const name of this.#models.keys()) if (!names.has(name)) this.#models.delete(name)
    this.#askedAt = -Infinity
    this.#ask()
  }

  modelsOf(provider: string): readonly string[] {
    if (this.#sources.length > 0 && this.#clock.monotonic() - this.#askedAt > refreshAfter) this.#ask()
    return this.#models.get(provider) ?? []
  }

  missed(): void {
    if (this.#clock.monotonic() - this.#askedAt > askAgainAfter) this.#ask()
  }

  /** Resolves when every question under way has been answered or given up. */
  settled(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  #ask(): void {
    if (this.#sources.length === 0 || this.#running !== undefined) return
    this.#askedAt = this.#clock.monotonic()
    this.#running = Promise.all(this.#sources.map((source) => this.#askOne(source))).then(() => {
      this.#running = undefined
    })
  }

  async #askOne(source: DiscoverySource): Promise<void> {
    let models: string[]
    try {
      models = await listModels(source, this.#clock)
    } catch {
      // What is not reachable now keeps the models it had; the request that needs it will say what is wrong.
      return
    }
    const before = this.#models.get(source.name)
    if (before !== undefined && before.join('\n') === models.join('\n')) return
    this.#models.set(source.name, models)
    this.version += 1
  }
}

async function listModels(source: DiscoverySource, clock: Clock): Promise<string[]> {
  const { transport, request, namesIn = namesInData } = source
  const outbound = await request()
  const bytes = await new Promise<Uint8Array>((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const giveUp = (reason: string) => {
      call.abort()
      timer.cancel()
      reject(new Error(reason))
    }
    const timer = clock.after(answerTimeout, () => giveUp('no answer in time'))
    const call = transport.dispatch(outbound, {
      onHead(status) {
        if (status !== 200) queueMicrotask(() => giveUp(`status ${status}`))
      },
      onData(chunk) {
        size += chunk.length
        if (size > answerLimit) giveUp('the list is too long')
        else chunks.push(chunk)
      },
      onEnd() {
        timer.cancel()
        resolve(Buffer.concat(chunks))
      },
      onError(error) {
        timer.cancel()
        reject(error)
      },
    })
  })
  const list = new Body(bytes, (json) => json).json()
  // Some list what they have without an object around it.
  const told = Array.isArray(list) ? { data: list as JsonValue[] } : list
  const names = isJsonObject(told) ? namesIn(told) : undefined
  if (names === undefined) throw new Error('not a list of models')
  return names.filter((name) => name !== '').slice(0, mostModels)
}

/** `{ data: [{ id }] }`, as most services list what they have. */
function namesInData({ data }: JsonObject): readonly string[] | undefined {
  if (!Array.isArray(data)) return undefined
  return data.flatMap((entry) => (isJsonObject(entry) && typeof entry['id'] === 'string' ? [entry['id']] : []))
}
