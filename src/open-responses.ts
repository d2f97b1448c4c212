/**
 * What the Responses API needs beside a pipeline: its database, its memory, what runs in the background, and the routes to all of it.
 * A part of the composition root, because it names drivers.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config/types.ts'
import { conversationRoutes } from './http/responses/conversation-routes.ts'
import { responseRoutes } from './http/responses/response-routes.ts'
import type { Route } from './http/route.ts'
import type { Clock } from './kernel/clock.ts'
import type { Plan } from './kernel/plan.ts'
import { createArchive } from './pipeline/responses/archive.ts'
import { BackgroundRuns } from './pipeline/responses/background.ts'
import { compactionSeal } from './pipeline/responses/compaction-seal.ts'
import type { CompactionSeal } from './pipeline/responses/compaction-seal.ts'
import { forgetAtProvider } from './pipeline/responses/forget-at-provider.ts'
import { createMemory } from './pipeline/responses/memory.ts'
import type { Memory } from './pipeline/responses/memory.ts'
import { startSweep } from './pipeline/state-sweep.ts'
import { openSqliteState } from './stores/drivers/sqlite/open-sqlite-state.ts'

export interface ResponsesOptions {
  readonly config: Config
  readonly serverSecret: Buffer
  readonly clock: Clock
  readonly logger: Logger
  readonly plan: () => Plan
}

export interface Responses extends AsyncDisposable {
  readonly memory: Memory
  readonly background: BackgroundRuns
  readonly seal: CompactionSeal
  readonly routes: readonly Route[]
  /** How many answers the database did not take. */
  unkept(): number
}

export function openResponses({ config, serverSecret, clock, logger, plan }: ResponsesOptions): Responses {
  using opening = new DisposableStack()
  const { responses: settings, server } = config
  const state = opening.use(openSqliteState(join(config.data.dir, 'state.db')))
  const seal = compactionSeal(serverSecret)
  let unkept = 0
  const context = {
    clock,
    responses: state.responses,
    events: state.events,
    conversations: state.conversations,
    keepAnswers: settings.keep,
    retention: settings.retention,
    maxContextBytes: server.bodyLimit,
    seal,
    onFailure(error: unknown, responseId: string) {
      unkept += 1
      logger.error({ err: error, response_id: responseId }, 'an answer could not be kept')
    },
  }
  const memory = createMemory(context)
  const background = new BackgroundRuns({ ...context, ...settings.background, memory })
  const lost = background.recover()
  if (lost > 0) logger.warn({ responses: lost }, 'background responses of the last run were broken off')
  opening.use(
    startSweep({
      clock,
      retention: state.retention,
      maxBytes: settings.maxStoredBytes,
      conversationRetention: settings.conversationRetention,
      onProblem: (error) => logger.error({ err: error }, 'expired answers could not be deleted'),
    }),
  )
  const routes = [
    ...conversationRoutes({ clock, conversations: state.conversations, bodyLimit: server.bodyLimit }),
    ...responseRoutes({
      archive: createArchive(context),
      background,
      flushTimeout: server.requestTimeout,
      forgetAtProvider: (response) =>
        void forgetAtProvider(response, {
          clock,
          plan: plan(),
          onFailure: (provider, why) =>
            logger.warn({ provider, response_id: response.id }, `the provider may still have a deleted answer: ${why}`),
        }),
    }),
  ]
  const resources = opening.move()
  return {
    memory,
    background,
    seal,
    routes,
    unkept: () => unkept,
    async [Symbol.asyncDispose]() {
      await background[Symbol.asyncDispose]()
      resources.dispose()
    },
  }
}
