/** Passes a deletion on to the provider that keeps the answer too. Best effort: the client's copy is gone whatever becomes of it. */
import type { Clock } from '../../kernel/clock.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { StoredResponse } from '../../stores/response-store.ts'

export interface ForgetContext {
  readonly clock: Clock
  readonly plan: Plan
  /** Says why the provider may still have it. */
  readonly onFailure: (provider: string, why: string) => void
}

export async function forgetAtProvider({ origin }: StoredResponse, context: ForgetContext): Promise<void> {
  if (origin?.responseId === undefined) return
  const { provider, deployment: id, dialect, responseId } = origin
  const deployment = context.plan.deployments.find((candidate) => candidate.id === id)
  const endpoint = deployment?.endpoints.get('chat')?.find((candidate) => candidate.dialect.id === dialect)
  if (deployment === undefined || endpoint === undefined) {
    context.onFailure(provider, `${id} is no longer configured`)
    return
  }
  try {
    const outbound = await deployment.sign({
      method: 'DELETE',
      origin: endpoint.origin,
      path: withSegment(endpoint.path(deployment.model, false), responseId),
      headers: { accept: 'application/json', 'user-agent': 'sluicegate', ...deployment.headers },
      body: null,
    })
    const call = deployment.transport.dispatch(outbound, {
      onHead(status) {
        timer.cancel()
        if (status >= 300 && status !== 404) context.onFailure(provider, `it answered with status ${status}`)
      },
      onData() {},
      onEnd() {},
      onError: (error) => context.onFailure(provider, error.message),
    })
    const timer = context.clock.after(deployment.timeouts.firstByte, () => {
      call.abort()
      context.onFailure(provider, 'it did not answer in time')
    })
  } catch (error) {
    context.onFailure(provider, deployment.redact(error instanceof Error ? error.message : String(error)))
  }
}

/** The path with one more segment, before its query. */
function withSegment(path: string, segment: string): string {
  const question = path.indexOf('?')
  const [place, query] = question === -1 ? [path, ''] : [path.slice(0, question), path.slice(question)]
  return `${place}/${encodeURIComponent(segment)}${query}`
}
