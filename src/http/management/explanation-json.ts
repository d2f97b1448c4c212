/** An explained route as the API and the command line write it. Money in US dollars, times in milliseconds. */
import type { Deployment } from '../../kernel/deployment.ts'
import type { LiveSignals } from '../../kernel/signals.ts'
import { formatUsd } from '../../model/money.ts'
import type { Candidate, RouteExplanation } from '../../pipeline/explain-route.ts'

export function explanationJson({ model, candidates, leftOut, comparisons, mirrors, hedgeAfter }: RouteExplanation) {
  return {
    model,
    candidates: candidates.map(candidateJson),
    left_out: leftOut.map(({ deployment, path, why }) => ({ deployment: deployment.id, route: path ?? null, why })),
    comparisons: comparisons.map(({ router, target, score, unit, note, skipped }) => ({
      router,
      target,
      ...(score !== undefined && { score, unit }),
      ...(note !== undefined && { note }),
      ...(skipped !== undefined && { skipped }),
    })),
    mirrors: mirrors.map((targets) => targets.map(({ id }) => id)),
    hedge_after_ms: hedgeAfter ?? null,
  }
}

export type ExplanationJson = ReturnType<typeof explanationJson>

function candidateJson({ deployment, path, state, why, expectedCost }: Candidate) {
  return {
    ...deploymentJson(deployment),
    route: path ?? null,
    state,
    ...(why !== undefined && { why }),
    expected_cost_usd: expectedCost === undefined ? null : formatUsd(expectedCost),
    ...signalsJson(deployment.signals),
  }
}

export const deploymentJson = ({ id, provider, model, credential }: Deployment) => ({
  deployment: id,
  provider,
  model,
  ...(credential !== undefined && { credential }),
})

type ToldSignals = Pick<
  LiveSignals,
  'health' | 'inFlight' | 'requests' | 'errorRate' | 'latency' | 'ttft' | 'throughput'
>

export function signalsJson(signals: ToldSignals) {
  return {
    health: signals.health(),
    in_flight: signals.inFlight,
    requests: signals.requests,
    error_rate: rounded(signals.errorRate(), 4),
    latency_p50_ms: rounded(signals.latency(0.5)),
    latency_p95_ms: rounded(signals.latency(0.95)),
    ttft_p50_ms: rounded(signals.ttft(0.5)),
    ttft_p95_ms: rounded(signals.ttft(0.95)),
    tokens_per_second: rounded(signals.throughput()),
  }
}

const rounded = (value: number | undefined, digits = 1): number | null =>
  value === undefined ? null : Number(value.toFixed(digits))
