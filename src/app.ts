/**
 * The composition root: the one file that sees every concrete driver. Opens what a configuration needs, wires it into the pipeline
 * and the server, swaps plans on reload, and closes everything in order.
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Logger } from 'pino'
import { providers, strategies } from './builtins.gen.ts'
import type { LoadedConfig } from './config/load.ts'
import { readInlineRouter } from './config/inline-router.ts'
import type { Config } from './config/types.ts'
import { ModelDescriber } from './control/catalog/described-model.ts'
import { ConcurrencyBook } from './control/concurrency/concurrency-book.ts'
import { CredentialStandings } from './control/credentials/credential-standings.ts'
import { Discovery } from './control/discovery.ts'
import { createKey } from './control/keys/create-key.ts'
import { KeyRing } from './control/keys/key-ring.ts'
import { serverSecret } from './control/keys/server-secret.ts'
import { KeyBudgets } from './control/limits/key-budgets.ts'
import { KeyLimits } from './control/limits/key-limits.ts'
import { pastUse } from './control/limits/past-use.ts'
import { openSpool } from './control/uploads/spool.ts'
import { QualityBook } from './control/quality/quality-book.ts'
import { openGeoDatabase } from './control/geo/geo-database.ts'
import type { Locate } from './control/geo/geo-database.ts'
import { openQualityScores } from './control/quality/scores.ts'
import { RouterBook } from './control/routing/router-book.ts'
import { replay } from './control/routing/replay/replay.ts'
import { routingLog } from './control/routing/routing-log.ts'
import { prepareStrategies } from './config/prepare-strategies.ts'
import { RetryBudgets } from './control/signals/retry-budgets.ts'
import { SignalBook } from './control/signals/signal-book.ts'
import { TokenCounter } from './control/token-counter.ts'
import { fileRoutes } from './http/files/file-routes.ts'
import { jobRoutes } from './http/fine-tuning/job-routes.ts'
import { geminiModelRoutes } from './http/models/gemini-models.ts'
import { ollamaModelRoutes } from './http/models/ollama-models.ts'
import { openaiModelRoutes } from './http/models/openai-models.ts'
import { adminOnly } from './http/management/admin-only.ts'
import { canaryRoutes } from './http/management/canary-routes.ts'
import { recommendationRoutes } from './http/management/recommendation-routes.ts'
import { nextExchangeId } from './http/request-id.ts'
import { clientAddressBehind } from './http/client-address.ts'
import { replayRoutes } from './http/management/replay-routes.ts'
import { virtualModelRoutes } from './http/management/virtual-model-routes.ts'
import { healthRoutes } from './http/management/health-routes.ts'
import { explainRoutes, explainer } from './http/management/route-routes.ts'
import { createGatewayServer } from './http/server.ts'
import type { GatewayServer } from './http/server.ts'
import { SurfaceTable } from './http/surface-table.ts'
import type { Clock, Random } from './kernel/clock.ts'
import { systemClock } from './kernel/clock.ts'
import type { Plan } from './kernel/plan.ts'
import type { CircuitState } from './kernel/signals.ts'
import type { Sink } from './kernel/sink.ts'
import type { Fault } from './model/fault.ts'
import { openResponses } from './open-responses.ts'
import { openFiles } from './open-files.ts'
import { openVideos } from './open-videos.ts'
import { openModelData } from './model-data.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import type { LoggedContent } from './pipeline/stages/log-content.ts'
import { Mirrors } from './pipeline/mirror/mirrors.ts'
import { ActiveChecks } from './pipeline/checks/active-checks.ts'
import { compilePlan } from './pipeline/plan/compile-plan.ts'
import type { PlanContext } from './pipeline/plan/compile-plan.ts'
import { discoverySources } from './pipeline/plan/discovery-sources.ts'
import { AccessLog } from './sinks/access-log.ts'
import { Metrics } from './sinks/metrics/index.ts'
import { memoryCounterStore } from './stores/drivers/memory/counter-store.ts'
import { openSqliteState } from './stores/drivers/sqlite/open-sqlite-state.ts'
import { openSqlite } from './stores/drivers/sqlite/open-sqlite.ts'
import { sqliteIntake } from './stores/drivers/sqlite/sqlite-intake.ts'
import { lockDataDir } from './stores/journal/data-dir-lock.ts'
import { startDrainer } from './stores/journal/drainer.ts'
import { JournalBatch } from './stores/journal/journal-batch.ts'
import { openJournal } from './stores/journal/open-journal.ts'
import type { ExchangeRecord } from './model/record.ts'
import { signersIn } from './signers.ts'
import { builtInDialect, protocolFaults, responsesSurface, surfacesOf } from './surfaces.ts'
import { TransportPool } from './transport-pool.ts'
import { publicMediaFetcher } from './transports/public-media-fetcher.ts'

export interface AppOptions {
  readonly loaded: LoadedConfig
  readonly logger: Logger
  /** Overrides the secret file of the data directory. */
  readonly serverSecret?: string
  readonly clock?: Clock
  readonly random?: Random
}

export interface App extends AsyncDisposable {
  readonly plan: Plan
  readonly server: GatewayServer
  /** Deployments that are being checked at this moment. */
  readonly checksUnderWay: number
  /** The secret of the key that was made because there was none; told this one time. */
  readonly firstKey: string | undefined
  listen(): Promise<AddressInfo>
  /** Takes a new configuration over; throws, and changes nothing, when it cannot be compiled. Says what needs a restart. */
  reload(loaded: LoadedConfig): string[]
  /** Resolves when every record written so far is in the database. */
  settled(): Promise<void>
  /** Refuses new requests and lets running ones finish. */
  drain(): Promise<void>
}

export async function openApp({
  loaded,
  logger,
  clock = systemClock,
  random = Math.random,
  serverSecret: givenSecret,
}: AppOptions): Promise<App> {
  await using opening = new AsyncDisposableStack()
  let config = loaded.config
  const { dir } = config.data
  opening.use(lockDataDir(dir))
  const database = join(dir, 'sluicegate.db')
  const stores = opening.use(openSqlite(database))
  const onProblem = (problem: { kind: string; message: string }): void =>
    logger.error({ problem: problem.kind }, problem.message)
  const { journal, position, spends, replayed, crashed } = openJournal({
    dir,
    clock,
    store: stores.usage,
    onProblem,
    syncEveryMs: config.journal.fsyncInterval,
    maxPendingBytes: config.journal.maxPending,
    onFull: config.journal.onFull,
  })
  opening.use(journal)
  const batch = new JournalBatch(journal)
  opening.defer(() => batch.flush())
  if (replayed > 0 || crashed.length > 0)
    logger.info({ replayed, crashed: crashed.length }, 'the journal of the last run was taken in')
  const drainer = opening.use(
    startDrainer({ dir, journal, position, source: sqliteIntake(database), clock, onProblem }),
  )
  const transports = opening.use(new TransportPool(clock, random))
  const signerOf = signersIn((settings) => ({ clock, transport: transports.network(settings) }))

  const standings = new CredentialStandings(clock, ({ fault, restMs, ...which }) =>
    logger[fault === 'provider_rate_limited' ? 'info' : 'warn'](
      { ...which, fault, rest_ms: Math.round(restMs) },
      'a credential rests: requests go to others meanwhile, if there are any',
    ),
  )

  const signals = new SignalBook(clock, (change) => {
    metrics.circuitChanged(change)
    const why = change.held === true ? 'somebody has set it' : circuitWords[change.to]
    logger[change.to === 'closed' ? 'info' : 'warn'](change, `a circuit is ${change.to}: ${why}`)
  })

  const logRouting = routingLog(logger, clock)
  const { routers: routerStates } = opening.use(openSqliteState(join(dir, 'state.db')))
  const routerBook = new RouterBook(routerStates, (event) => {
    metrics.routingEvent(event)
    logRouting(event)
  })

  const concurrency = new ConcurrencyBook(clock)
  const retries = new RetryBudgets(clock)
  const counters = memoryCounterStore()
  counters.seed(spends, clock.now())
  const onLost = (error: unknown): void => logger.error({ err: error }, 'the counters did not take a correction')
  const limiter = new KeyLimits(counters, onLost)
  const budgets = new KeyBudgets(counters, onLost)
  const { catalog, prices, drivers } = await openModelData()

  const quality = new QualityBook(clock, openQualityScores(), () => config.quality)

  const secret = serverSecret(dir, givenSecret)
  const keyRing = new KeyRing(stores.keys, secret, clock)
  const discovered: Discovery = new Discovery(clock)
  opening.defer(() => discovered.watch([]))
  await prepareStrategies(config, strategies)
  let locateAddress = openGeo(config)
  const addressOf = clientAddressBehind(config.server.trustedProxies)
  let plan = takeOver(config, 1)
  resumeLimits()

  function planContext(revision: number): PlanContext {
    return {
      revision,
      providers: drivers,
      strategies,
      readRouter: (router, text) => readInlineRouter(router, text, { providers, strategies }),
      discovered,
      random,
      now: () => clock.now(),
      dialect: builtInDialect,
      transport: (provider, settings) => transports.transportOf(provider, settings),
      signer: signerOf,
      standing: (settings, index, model) => standings.standingOf(settings, index, model),
      signals: (deployment) => signals.signalsOf(deployment),
      circuit: (settings, index, model) => signals.circuitOf(settings, index, model),
      slots: (settings, model, own) => concurrency.slotsOf(settings, model, own),
      retries: (provider) => retries.of(provider),
      priceOf: (driver, model, at) => prices.priceOf(driver, model, at),
      catalogued: (driver) => catalog.modelsOf(driver),
      qualityOf: (deployment, model, task) => quality.qualityOf(deployment, model, task),
      maxOutputOf: (driver, model) => catalog.factsOf(driver, model)?.maxOutput,
      contextOf: (driver, model) => catalog.factsOf(driver, model)?.context,
      knownModels: (driver) => prices.modelsOf(driver),
      place: (router, strategy, settings) => routerBook.placeOf(router, strategy, settings),
    }
  }

  /** Compiles a configuration and puts it in force; throws before anything has changed. */
  function takeOver(next: Config, revision: number): Plan {
    routerBook.begin()
    const compiled = compilePlan(next, planContext(revision))
    routerBook.forgetUnused()
    keyRing.configure(next.keys)
    discovered.watch(
      discoverySources(next, providers, (provider, settings) => transports.transportOf(provider, settings), signerOf),
    )
    return compiled
  }

  function resumeLimits(): void {
    const limited = keyRing
      .living()
      .filter(({ policy }) => policy.requests !== undefined || policy.tokens !== undefined)
    if (limited.length === 0) return
    const now = clock.now()
    const uses = pastUse(stores.usage, now)
    for (const key of limited) limiter.resume(key, uses.get(key.id) ?? [], now)
  }

  const firstKey = config.auth.required && config.keys.length === 0 ? makeFirstKey() : undefined
  function makeFirstKey(): string | undefined {
    if (stores.keys.list().some(({ revokedAt }) => revokedAt === undefined)) return undefined
    return createKey(stores.keys, secret, {
      name: 'first',
      policy: { models: ['*'], admin: true, inlineRouters: true },
      now: clock.now(),
    }).secret
  }

  const eventLoop = monitorEventLoopDelay({ resolution: 20 })
  eventLoop.enable()
  opening.defer(() => void eventLoop.disable())
  const metrics = new Metrics({
    inFlight: () => server.inFlight,
    connections: () => server.connections,
    journalPendingBytes: () => journal.counters().pendingBytes,
    journalLagBytes: () => drainer.lagBytes(),
    journalDropped: () => journal.counters().dropped,
    journalFailures: () => journal.counters().failures,
    planRevision: () => plan.revision,
    restingCredentials: () => standings.resting(),
    deploymentHealth: () => new Map([...signals.all()].map(([deployment, live]) => [deployment, live.health()])),
    openCircuits: () => signals.openCircuits(config.providers.values()),
    canaryShares: () => new Map(routerBook.reports(clock.now()).map(({ router, report }) => [router, report.share])),
    concurrency: () => concurrency.all(),
    refusedRetries: () => retries.refused(),
    unkeptResponses: () => responses.unkept(),
    backgroundResponses: () => responses.background.size,
    eventLoopDelayP99() {
      const delay = eventLoop.percentile(99) / 1e6
      eventLoop.reset()
      return delay
    },
  })
  const responses = opening.use(openResponses({ config, serverSecret: secret, clock, logger, plan: () => plan }))
  const sinks: readonly Sink[] = [metrics, new AccessLog(logger), quality]
  const authRequired = (): boolean => config.auth.required
  const media = config.media === undefined ? undefined : opening.use(publicMediaFetcher(config.media))
  const settling = {
    clock,
    budgets,
    journal: (json: string, written: () => void) => batch.record(json, written),
    publish(record: ExchangeRecord, json: string) {
      for (const sink of sinks) sink.write(record, json)
    },
  }
  const files = opening.use(
    await openFiles({ config, clock, logger, plan: () => plan, network: () => transports.plainNetwork() }),
  )
  const videos = opening.use(openVideos({ ...settling, config, logger, plan: () => plan }))
  const calling = { ...settling, random, ...(media !== undefined && { media }) }
  const mirrors = opening.use(new Mirrors({ ...calling, onDropped: () => metrics.mirrorDropped() }))
  const checks = opening.use(
    new ActiveChecks({
      ...calling,
      plan: () => plan,
      settings: () => config.checks,
      dialect: builtInDialect,
      nextId: () => nextExchangeId(clock.now()),
      onChecked: (tier, outcome) => metrics.checked(tier, outcome),
    }),
  )
  const pipeline = createPipeline({
    ...calling,
    mirrors,
    keys: keyRing,
    authRequired,
    limiter,
    tokenCounter: new TokenCounter(),
    memory: responses.memory,
    background: responses.background,
    videos: videos.jobs,
    ownedModels: files.models,
    ...(config.logging.content && {
      logContent: ({ requestId, ...content }: LoggedContent) =>
        logger.info({ request_id: requestId, ...content }, 'content'),
    }),
    note: (json, written) => batch.reservation(json, written),
  })

  const describer = new ModelDescriber(
    catalog,
    () => config,
    () => clock.now(),
  )
  const surfaces = surfacesOf(pipeline, responses.seal)
  const explain = explainer({
    plan: () => plan,
    surfaces: new SurfaceTable(surfaces),
    keyNamed: (idOrName) => keyRing.named(idOrName),
    now: () => clock.now(),
  })
  const management = adminOnly(
    [
      ...healthRoutes({
        config: () => config,
        plan: () => plan,
        signals,
        checks,
        bodyLimit: config.server.bodyLimit,
        onSet: ({ deployment, credential }, action, by) =>
          logger.warn({ deployment, ...(credential !== undefined && { credential }), action, by }, 'a circuit was set'),
      }),
      ...canaryRoutes(() => routerBook.reports(clock.now())),
      ...virtualModelRoutes({
        plan: () => plan,
        settingsOf: (model) => config.virtualModels.get(model),
        usageSince: (from) => stores.usage.routes({ from }),
        explain,
        bodyLimit: config.server.bodyLimit,
        now: () => clock.now(),
      }),
      ...recommendationRoutes({
        plan: () => plan,
        summarize: (query) => stores.usage.summarize(query),
        keyNamed: (idOrName) => keyRing.named(idOrName),
        now: () => clock.now(),
      }),
      ...explainRoutes(explain, config.server.bodyLimit),
      ...replayRoutes({
        async replay(wish) {
          batch.flush()
          await drainer.drained()
          return replay(wish, {
            config,
            compile: (past) => compilePlan(config, { ...planContext(plan.revision), ...past }),
            records: stores.usage,
            keyNamed: (id) => keyRing.named(id),
          })
        },
        bodyLimit: config.server.bodyLimit,
        keyNamed: (idOrName) => keyRing.named(idOrName),
        now: () => clock.now(),
      }),
    ],
    authRequired,
  )
  const onDefect = (fault: Fault, requestId: string): void =>
    logger.error(
      { request_id: requestId, err: fault.cause ?? fault },
      'a request failed because of a defect of the gateway',
    )
  const onRefused = (fault: Fault): void => metrics.refused(fault)
  const errands = {
    clock,
    plan: () => plan,
    errand: pipeline.errand,
    dialect: builtInDialect('openai-chat'),
    flushTimeout: config.server.requestTimeout,
    onDefect,
    onRefused,
  }
  const server = createGatewayServer({
    clock,
    limits: config.server,
    plan: () => plan,
    surfaces,
    routes: [
      ...openaiModelRoutes(() => plan, files.models, describer),
      ...geminiModelRoutes(() => plan, files.models, describer),
      ...ollamaModelRoutes(() => plan, files.models, describer, config.server.bodyLimit),
      ...responses.routes,
      ...management,
      ...videos.routes,
      ...fileRoutes({ ...errands, keeper: files.keeper, bodyLimit: config.server.bodyLimit }),
      ...jobRoutes({ ...errands, jobs: files.jobs, bodyLimit: config.server.bodyLimit }),
    ],
    spool: openSpool(join(dir, 'spool'), config.server.uploadReserve),
    pass: pipeline.pass,
    webSocket: { ...config.responses.websocket, served: responsesSurface(pipeline) },
    keys: keyRing,
    authRequired,
    locate(request) {
      const address = locateAddress === undefined ? undefined : addressOf(request)
      return address === undefined ? undefined : locateAddress?.(address)
    },
    metrics: config.metrics.enabled
      ? { requireKey: config.metrics.requireKey, render: () => metrics.render() }
      : undefined,
    unready: () => (journal.accepting ? undefined : 'the journal cannot be written to'),
    faults: protocolFaults,
    onDefect,
    onRefused,
  })

  const resources = opening.move()
  return {
    get plan() {
      return plan
    },
    server,
    get checksUnderWay() {
      return checks.underWay
    },
    firstKey,
    listen: () => server.listen(config.server.host, config.server.port),
    reload(next) {
      const reopened = openGeo(next.config)
      plan = takeOver(next.config, plan.revision + 1)
      locateAddress = reopened
      const needRestart = changedForRestart(config, next.config)
      config = {
        ...next.config,
        server: config.server,
        data: config.data,
        journal: config.journal,
        responses: config.responses,
        logging: config.logging,
        metrics: config.metrics,
        media: config.media,
        files: config.files,
      }
      return needRestart
    },
    settled() {
      batch.flush()
      return drainer.drained()
    },
    async drain() {
      const { drainTimeout } = config.server
      await Promise.all([server.drain(drainTimeout), responses.background.drain(drainTimeout)])
    },
    async [Symbol.asyncDispose]() {
      await server.drain(0)
      await resources.disposeAsync()
    },
  }
}

const openGeo = ({ geoDatabase }: Config): Locate | undefined =>
  geoDatabase === undefined ? undefined : openGeoDatabase(geoDatabase)

const circuitWords: Record<CircuitState, string> = {
  open: 'it failed again and again, and is left alone for a while',
  'half-open': 'it is tried with single requests',
  closed: 'it works again',
}

/** Sections that a running gateway cannot take over, as far as they differ. */
function changedForRestart(before: Config, after: Config): string[] {
  const sections = ['server', 'data', 'journal', 'responses', 'logging', 'metrics', 'media', 'files'] as const
  return sections.filter((section) => JSON.stringify(before[section]) !== JSON.stringify(after[section]))
}
