/** How deployments do, and the circuits that keep requests from those that fail: read by anybody who manages, set by them too. */
import type { SignalBook, CircuitView } from '../../control/signals/signal-book.ts'
import type { Config } from '../../config/types.ts'
import type { Plan } from '../../kernel/plan.ts'
import { checkTiers } from '../../model/check-tier.ts'
import type { ActiveChecks, CheckResult } from '../../pipeline/checks/active-checks.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import { sendJson } from '../fault-response.ts'
import { readJson } from '../read-json.ts'
import type { Route } from '../route.ts'
import { signalsJson } from './explanation-json.ts'
import { signalWindows } from '../../kernel/signals.ts'
import type { LiveSignals, SignalWindow, WindowSums } from '../../kernel/signals.ts'
import { formatUsd } from '../../model/money.ts'

export interface HealthContext {
  readonly config: () => Config
  readonly signals: SignalBook
  readonly plan: () => Plan
  readonly checks: ActiveChecks
  readonly bodyLimit: number
  /** Hears of a circuit that somebody set. */
  readonly onSet: (circuit: CircuitView, action: CircuitAction, by: string | undefined) => void
}

const actions = ['open', 'close', 'reset'] as const
export type CircuitAction = (typeof actions)[number]

export function healthRoutes({ config, plan, signals, checks, bodyLimit, onSet }: HealthContext): Route[] {
  const circuits = (): CircuitView[] => signals.circuits(config().providers.values())
  return [
    {
      method: 'GET',
      path: '/api/health/deployments',
      handle({ response, headers }) {
        const byDeployment = Map.groupBy(circuits(), ({ deployment }) => deployment)
        const isKnown = (deployment: string, { requests, inFlight }: LiveSignals): boolean =>
          requests > 0 ||
          inFlight > 0 ||
          checks.resultsOf(deployment).length > 0 ||
          byDeployment.get(deployment)?.some(({ breaker }) => breaker.state !== 'closed' || breaker.isHeld) === true
        const data = [...signals.all()]
          .filter(([deployment, live]) => isKnown(deployment, live))
          .map(([deployment, live]) => ({
            deployment,
            ...signalsJson(live),
            failures: Object.fromEntries(live.failuresByFault()),
            windows: windowsJson(windowsOf(live)),
            circuits: (byDeployment.get(deployment) ?? []).map(circuitJson),
            checks: checks.resultsOf(deployment).map(checkJson),
          }))
          .toSorted((a, b) => a.health - b.health || (a.deployment < b.deployment ? -1 : 1))
        sendJson(response, 200, { object: 'list', data }, headers)
      },
    },
    {
      method: 'GET',
      path: '/api/health/models',
      handle({ response, headers }) {
        const { models, routers } = config()
        const data = [...models.keys(), ...routers.keys()]
          .map((model) => {
            const deployments = plan().resolve(model)?.deployments ?? []
            const ids = [...new Set(deployments.map(({ id }) => id))]
            return { model, ids, live: signals.together(ids) }
          })
          .flatMap(({ model, ids, live }) =>
            live === undefined
              ? []
              : [{ model, deployments: ids, ...signalsJson(live), windows: windowsJson(live.windows()) }],
          )
          .toSorted((a, b) => a.health - b.health || (a.model < b.model ? -1 : 1))
        sendJson(response, 200, { object: 'list', data }, headers)
      },
    },
    {
      method: 'POST',
      path: '/api/health/checks',
      async handle({ request, response, headers }) {
        const { deployment: name, tier = 'standard' } = await readJson(request, bodyLimit)
        const upTo = checkTiers.find((each) => each === tier)
        if (upTo === undefined) throw invalidRequest('tier', `\`tier\` must be one of ${checkTiers.join(', ')}.`)
        if (typeof name !== 'string')
          throw invalidRequest('deployment', '`deployment` must be the name of one, `provider/model`.')
        const deployment = plan()
          .resolve(name)
          ?.deployments.find(({ id }) => id === name)
        if (deployment === undefined)
          throw new Fault('item_not_found', `There is no deployment "${name.slice(0, 120)}".`, { param: 'deployment' })
        const results = await checks.checkNow(deployment, upTo)
        sendJson(response, 200, { deployment: name, checks: results.map(checkJson) }, headers)
      },
    },
    {
      method: 'GET',
      path: '/api/circuits',
      handle: ({ response, headers }) =>
        sendJson(response, 200, { object: 'list', data: circuits().map(circuitJson) }, headers),
    },
    {
      method: 'POST',
      path: '/api/circuits',
      async handle({ request, response, key, headers }) {
        const { deployment, credential, action } = await readJson(request, bodyLimit)
        if (typeof deployment !== 'string')
          throw invalidRequest('deployment', '`deployment` must be the name of one, `provider/model`.')
        if (credential !== undefined && !Number.isSafeInteger(credential))
          throw invalidRequest('credential', '`credential` must be a number, counted from 1.')
        const wanted = actions.find((each) => each === action)
        if (wanted === undefined) throw invalidRequest('action', `\`action\` must be one of ${actions.join(', ')}.`)
        const found = circuits().filter(
          (circuit) =>
            circuit.deployment === deployment && (credential === undefined || circuit.credential === credential),
        )
        const all = circuits().filter((circuit) => circuit.deployment === deployment)
        if (found.length === 0 && all.length > 0)
          throw new Fault(
            'item_not_found',
            `"${deployment.slice(0, 120)}" has no circuit with that credential; there ${all.length === 1 ? 'is 1' : `are ${all.length}`}.`,
            { param: 'credential' },
          )
        if (found.length === 0)
          throw new Fault(
            'item_not_found',
            `No circuit is known of "${deployment.slice(0, 120)}". GET /api/circuits lists those of deployments that were asked for or are configured.`,
            { param: 'deployment' },
          )
        for (const circuit of found) {
          if (wanted === 'reset') circuit.breaker.reset()
          else circuit.breaker.hold(wanted === 'open' ? 'open' : 'closed')
          onSet(circuit, wanted, key?.name)
        }
        sendJson(response, 200, { object: 'list', data: found.map(circuitJson) }, headers)
      },
    },
  ]
}

const checkJson = ({ tier, at, good, durationMs, fault, message }: CheckResult) => ({
  tier,
  at: new Date(at).toISOString(),
  good,
  duration_ms: durationMs,
  ...(fault !== undefined && { fault }),
  ...(message !== undefined && { message }),
})

function circuitJson({ deployment, credential, breaker }: CircuitView) {
  const { failures, calls } = breaker.counts
  return {
    deployment,
    ...(credential !== undefined && { credential }),
    state: breaker.state,
    held: breaker.isHeld,
    failures,
    calls,
    wait_ms: Math.ceil(breaker.waitMs()),
  }
}

const windowsOf = (live: LiveSignals): Windows =>
  Object.fromEntries(signalWindows.map((window) => [window, live.window(window)])) as Windows

type Windows = Readonly<Record<SignalWindow, WindowSums>>

const windowsJson = (windows: Windows) =>
  Object.fromEntries(
    signalWindows.map((window) => {
      const { requests, failures, answers, latencyMs, streams, ttftMs, outputTokens, cost } = windows[window]
      return [
        window,
        {
          requests,
          failures,
          latency_mean_ms: answers === 0 ? null : Math.round(latencyMs / answers),
          ttft_mean_ms: streams === 0 ? null : Math.round(ttftMs / streams),
          output_tokens: outputTokens,
          cost_usd: formatUsd(cost),
        },
      ]
    }),
  )
