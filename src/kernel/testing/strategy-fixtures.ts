/** Requests, signals and targets for tests of strategies, and for whatever has deployments that nobody calls. */
import type { Deployment } from '../deployment.ts'
import type { Circuit, DeploymentSignals, SignalWindow, WindowSums } from '../signals.ts'
import type { StrategyContext, StrategyQuery, StrategyTarget } from '../strategy.ts'

export const sampleQuery = (differing: Partial<StrategyQuery> = {}): StrategyQuery => ({
  operation: 'chat',
  surface: 'POST /v1/chat/completions',
  model: 'm',
  stream: false,
  key: undefined,
  endUser: undefined,
  maxOutput: undefined,
  header: () => undefined,
  metadata: {},
  inputTokens: 10,
  features: {
    tools: false,
    images: false,
    audio: false,
    files: false,
    structured_output: false,
    reasoning: false,
    messages: 1,
  },
  text: '',
  prefix: '',
  body: undefined,
  region: undefined,
  expectedCost: () => undefined,
  headers: {},
  admits: () => true,
  coordinates: undefined,
  mayUse: () => true,
  whenSettled() {},
  advice: undefined,
  ...differing,
})

export interface SampleFigures {
  readonly inFlight?: number
  readonly requests?: number
  readonly usualInFlight?: number
  readonly ageInFlight?: number
  readonly latency?: number
  readonly ttft?: number
  readonly throughput?: number
  readonly errorRate?: number
  readonly health?: number
  readonly windows?: Partial<Record<SignalWindow, Partial<WindowSums>>>
}

const noSums: WindowSums = {
  requests: 0,
  failures: 0,
  answers: 0,
  latencyMs: 0,
  streams: 0,
  ttftMs: 0,
  outputTokens: 0,
  writingMs: 0,
  cost: 0,
}

export const sampleSignals = (figures: SampleFigures = {}): DeploymentSignals => ({
  inFlight: figures.inFlight ?? 0,
  requests: figures.requests ?? 0,
  usualInFlight: () => figures.usualInFlight ?? figures.inFlight ?? 0,
  ageInFlight: () => figures.ageInFlight ?? 0,
  latency: () => figures.latency,
  ttft: () => figures.ttft,
  throughput: () => figures.throughput,
  errorRate: () => figures.errorRate,
  health: () => figures.health ?? 100,
  window: (window) => ({ ...noSums, ...figures.windows?.[window] }),
  failuresByFault: () => new Map(),
  begin() {},
  end() {},
  spent() {},
  lastUsedAt: 0,
  checked() {},
})

export const closedCircuit: Circuit = { state: 'closed', isHeld: false, waitMs: () => 0, enter: () => 0, leave() {} }

/** A target that is one deployment. */
export const sampleTarget = <C>(id: string, options: C, figures: SampleFigures = {}): StrategyTarget<C> => ({
  id,
  options,
  leaves: [{ id, signals: sampleSignals(figures), circuit: closedCircuit } as Deployment],
})

export const sampleContext = (differing: Partial<StrategyContext> = {}): StrategyContext => ({
  random: () => 0,
  now: 0,
  turn: 0,
  ...differing,
})
