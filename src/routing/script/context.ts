/** What a script is told of a request and of its targets: as much as it names, because handing over what nobody reads costs time. */
import { bestOf, inFlightAt } from '../../kernel/ranking.ts'
import type { StrategyContext, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'

type Given = (query: StrategyQuery, context: StrategyContext) => unknown

const aboutRequest: Readonly<Record<string, Given>> = {
  body: ({ body }) => body,
  headers: ({ headers }) => headers,
  key: ({ key }) => key ?? null,
  metadata: ({ metadata }) => metadata,
  operation: ({ operation }) => operation,
  surface: ({ surface }) => surface,
  model: ({ model }) => model,
  stream: ({ stream }) => stream,
  end_user: ({ endUser }) => endUser ?? null,
  region: ({ region }) => region ?? null,
  text: ({ text }) => text,
  input_tokens: ({ inputTokens }) => inputTokens,
  max_output_tokens: ({ maxOutput }) => maxOutput ?? null,
  has: ({ features }) => features,
  now: (_query, { now }) => now,
  random: (_query, { random }) => random(),
}

type Figure = (target: StrategyTarget) => number | undefined

const metrics: Readonly<Record<string, Figure>> = {
  latency: (target) => bestOf(target, (signals) => signals.latency(0.5), 1),
  ttft: (target) => bestOf(target, (signals) => signals.ttft(0.5), 1),
  throughput: (target) => bestOf(target, (signals) => signals.throughput(), -1),
  error_rate: (target) => bestOf(target, (signals) => signals.errorRate(), 1),
  health: (target) => bestOf(target, (signals) => signals.health(), -1),
  in_flight: inFlightAt,
}

/** Makes the JSON that a script is handed for each request. */
export function contextFor(
  source: string,
  targets: readonly StrategyTarget[],
): (query: StrategyQuery, context: StrategyContext) => string {
  const named = new Set(source.match(/[A-Za-z_$][\w$]*/g))
  const given = Object.entries(aboutRequest).filter(([name]) => named.has(name))
  const figures = named.has('metrics') ? Object.entries(metrics).filter(([name]) => named.has(name)) : []
  // Whoever looks at them by names that are made up gets them all.
  const shown = named.has('metrics') && figures.length === 0 ? Object.entries(metrics) : figures
  const withModels = named.has('models')
  const withCost = withModels && named.has('cost')
  return (query, context) => {
    const told: Record<string, unknown> = {}
    for (const [name, read] of given) told[name] = read(query, context)
    if (withModels)
      told['models'] = targets.map((target) => ({ name: target.id, ...(withCost && { cost: costOf(target, query) }) }))
    if (shown.length > 0)
      told['metrics'] = Object.fromEntries(
        targets.map((target) => [
          target.id,
          Object.fromEntries(shown.map(([name, figure]) => [name, figure(target) ?? null])),
        ]),
      )
    return JSON.stringify(told)
  }
}

/** US dollars that this request would probably cost there. */
function costOf({ leaves }: StrategyTarget, query: StrategyQuery): number | null {
  const costs = leaves.map((leaf) => query.expectedCost(leaf)).filter((cost) => cost !== undefined)
  return costs.length === 0 ? null : Math.min(...costs) / 1e9
}
