/**
 * Jobs that tune models, from the answer that takes one on until it is over, across restarts: whose they are and where they run. The ids of
 * files, jobs and models are the gateway's own towards clients. What comes of a job is a model of its owner.
 */
import { admits, requireAnyWithin } from '../within-residency.ts'
import { randomUUID } from 'node:crypto'
import type { AccountCall, EventPage, FineTuneCalls } from '../../kernel/account-calls.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { ProviderAccount } from '../../kernel/provider-account.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { isOver } from '../../model/fine-tune.ts'
import type { FineTuneCheckpoint, FineTuneEvent, FineTuneState } from '../../model/fine-tune.ts'
import type { JsonObject } from '../../model/json.ts'
import type { FineTuneStore, StoredFineTune } from '../../stores/fine-tune-store.ts'
import { askAccount, usableAccount } from '../accounts/ask-account.ts'
import type { FileKeeper } from '../files/file-keeper.ts'
import { ownerOf } from '../files/file-keeper.ts'
import type { OwnedModelRegister } from '../owned-models.ts'
import { modelFor } from '../stages/resolve.ts'
import { readJobRequest } from './read-request.ts'

export interface FineTuningContext {
  readonly clock: Clock
  readonly plan: () => Plan
  readonly store: FineTuneStore
  readonly files: FileKeeper
  readonly models: OwnedModelRegister
  readonly onProblem: (jobId: string, problem: string) => void
}

export type JobAction = 'cancel' | 'pause' | 'resume'

/** Milliseconds between two questions about a job: a tenth of its age, within these. */
const shortestPause = 10_000
const longestPause = 300_000
/** Jobs that are asked about at the same time. */
const atOnce = 4
/** Checkpoints that are looked for when a job is over. */
const mostCheckpoints = 100

interface Located {
  readonly account: ProviderAccount
  readonly calls: FineTuneCalls
}

export class FineTuningJobs implements Disposable {
  readonly #context: FineTuningContext
  readonly #asking = new Map<string, Promise<StoredFineTune>>()
  readonly #leaving = new AbortController()
  #timer: Timer | undefined

  constructor(context: FineTuningContext) {
    this.#context = context
    for (const job of context.store.withModels()) this.#publish(job)
    this.#schedule()
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    this.#leaving.abort()
  }

  async create(exchange: Exchange, body: JsonObject): Promise<StoredFineTune> {
    const { model, trainingFile, validationFile, ...settings } = readJobRequest(body)
    const owner = ownerOf(exchange.key)
    const { files, clock, store, models } = this.#context
    for (const id of [trainingFile, ...(validationFile === undefined ? [] : [validationFile])])
      requireForTraining(files.get(owner, id).purpose, id)
    const { account, calls, remoteModel } = this.#placeFor(exchange, model, models)
    requireKnownPrice(exchange, account)
    const id = `ftjob-${randomUUID().replaceAll('-', '')}`
    // Told before anything is sent anywhere.
    calls.create({ ...settings, id, model: remoteModel, training: '' })
    const training = await files.providerFileId(owner, trainingFile, account, exchange)
    const validation =
      validationFile === undefined ? undefined : await files.providerFileId(owner, validationFile, account, exchange)
    const call = calls.create({
      ...settings,
      id,
      model: remoteModel,
      training,
      ...(validation !== undefined && { validation }),
    })
    const answer = await askAccount(account, call, { clock, exchange, signal: exchange.signal })
    const made = calls.readJob(answer)
    if (made === undefined) throw malformed(account)
    const job: StoredFineTune = {
      owner,
      id,
      createdAt: clock.now(),
      provider: account.provider,
      account: account.account,
      remoteId: made.id,
      model,
      trainingFile,
      ...(validationFile !== undefined && { validationFile }),
      asked: Object.fromEntries(Object.entries(settings)) as JsonObject,
      state: made.state,
      resultFiles: {},
      models: [],
      dueAt: clock.now() + shortestPause,
    }
    store.put(job)
    this.#schedule()
    return isOver(made.state) ? this.#keep(job, made.state) : job
  }

  /** As it was known last. Throws a Fault for what is not the owner's. */
  get(owner: string, id: string): StoredFineTune {
    const job = this.#context.store.get(owner, id)
    if (job === undefined)
      throw new Fault('fine_tuning_job_not_found', `There is no fine-tuning job ${JSON.stringify(id.slice(0, 120))}.`, {
        param: 'fine_tuning_job_id',
      })
    return job
  }

  /** As it stands by now; as it was known last where its provider cannot be asked. */
  async look(owner: string, id: string): Promise<StoredFineTune> {
    const job = this.get(owner, id)
    return job.dueAt === undefined ? job : this.#refresh(job)
  }

  /** One more than the limit where there are more. */
  async list(owner: string, page: { readonly limit: number; readonly after?: string }): Promise<StoredFineTune[]> {
    const found = this.#context.store.list(owner, page)
    if (found === undefined)
      throw new Fault('fine_tuning_job_not_found', 'There is no such fine-tuning job to begin from.', {
        param: 'after',
      })
    return Promise.all(found.map(async (job) => (job.dueAt === undefined ? job : await this.#refresh(job))))
  }

  async act(exchange: Exchange, id: string, action: JobAction): Promise<StoredFineTune> {
    const job = this.get(ownerOf(exchange.key), id)
    const { account, calls } = this.#require(job)
    const call = calls[action]?.(job.remoteId)
    if (call === undefined)
      throw new Fault('operation_not_supported', `${account.provider} has no way to ${action} a fine-tuning job.`)
    if (job.dueAt === undefined)
      throw new Fault('invalid_request', `The job is over: it has ${job.state.status}.`, {
        param: 'fine_tuning_job_id',
      })
    const answer = await this.#ask(account, call, exchange)
    // Where cancelling is deleting, nothing is told of the job any more.
    const told = calls.readJob(answer)?.state
    const state: FineTuneState = told ?? { ...job.state, ...(action === 'cancel' && { status: 'cancelled' as const }) }
    return this.#keep(this.#context.store.get(job.owner, id) ?? job, state)
  }

  async events(exchange: Exchange, id: string, page: EventPage): Promise<Listed<FineTuneEvent>> {
    const job = this.get(ownerOf(exchange.key), id)
    const { account, calls } = this.#require(job)
    const { events, hasMore } = calls.readEvents(await this.#ask(account, calls.events(job.remoteId, page), exchange))
    return pageOf(events, page, hasMore)
  }

  async checkpoints(exchange: Exchange, id: string, page: EventPage): Promise<Listed<FineTuneCheckpoint>> {
    const job = this.get(ownerOf(exchange.key), id)
    const { account, calls } = this.#require(job)
    if (calls.checkpoints === undefined || calls.readCheckpoints === undefined) return { entries: [], hasMore: false }
    const answer = await this.#ask(account, calls.checkpoints(job.remoteId, page), exchange)
    const { checkpoints, hasMore } = calls.readCheckpoints(answer)
    this.#own(job, checkpoints)
    return pageOf(checkpoints, page, hasMore)
  }

  // --- where

  #placeFor(exchange: Exchange, model: string, models: OwnedModelRegister): Located & { readonly remoteModel: string } {
    const { route } = modelFor(exchange.plan, exchange.key, model, models)
    requireAnyWithin(exchange, route)
    for (const deployment of route.deployments) {
      if (!admits(exchange, deployment)) continue
      const account = usableAccount(exchange.plan.accounts(deployment.provider))
      const calls = account?.fineTuning
      if (account !== undefined && calls !== undefined && account.files !== undefined)
        return { account, calls, remoteModel: deployment.model }
    }
    throw new Fault(
      'operation_not_supported',
      `The model ${JSON.stringify(model.slice(0, 120))} is not with a provider that tunes models.`,
      { param: 'model' },
    )
  }

  #locate({ provider, account: of }: StoredFineTune): Located | undefined {
    const account = this.#context
      .plan()
      .accounts(provider)
      .find(({ account }) => account === of)
    return account?.fineTuning === undefined ? undefined : { account, calls: account.fineTuning }
  }

  #require(job: StoredFineTune): Located {
    const located = this.#locate(job)
    if (located === undefined)
      throw new Fault(
        'operation_not_supported',
        `The account at ${job.provider} that the job runs with is no longer configured.`,
      )
    return located
  }

  #ask(account: ProviderAccount, call: AccountCall, exchange: Exchange): Promise<JsonObject> {
    return askAccount(account, call, { clock: this.#context.clock, exchange, signal: exchange.signal })
  }

  // --- how it goes on

  #schedule(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const { clock, store } = this.#context
    const due = store.nextDue()
    if (due === undefined || this.#leaving.signal.aborted) return
    this.#timer = clock.after(Math.max(1000, due - clock.now()), () => {
      this.#askAll().catch((error: unknown) => this.#context.onProblem('', asFault(error).message))
    })
  }

  async #askAll(): Promise<void> {
    const { clock, store } = this.#context
    try {
      await Promise.all(store.due(clock.now(), atOnce).map((job) => this.#refresh(job)))
    } finally {
      this.#schedule()
    }
  }

  /** One question at a time, however many wait for its answer. */
  #refresh(job: StoredFineTune): Promise<StoredFineTune> {
    const asking = this.#asking.get(job.id)
    if (asking !== undefined) return asking
    const asked = this.#askState(job).finally(() => this.#asking.delete(job.id))
    this.#asking.set(job.id, asked)
    return asked
  }

  async #askState(job: StoredFineTune): Promise<StoredFineTune> {
    const state = await this.#stateOf(job)
    // Over meanwhile, by whoever cancelled it.
    const known = this.#context.store.get(job.owner, job.id) ?? job
    return known.dueAt === undefined ? known : this.#keep(known, state ?? known.state)
  }

  /** Undefined where nobody can tell by now. */
  async #stateOf(job: StoredFineTune): Promise<FineTuneState | undefined> {
    const located = this.#locate(job)
    if (located === undefined) {
      this.#problem(job, `the account at ${job.provider} is no longer configured`)
      return undefined
    }
    const { account, calls } = located
    const { clock } = this.#context
    try {
      const answer = await askAccount(account, calls.state(job.remoteId), { clock, signal: this.#leaving.signal })
      const told = calls.readJob(answer)
      if (told === undefined) throw malformed(account)
      return told.state
    } catch (error) {
      const { message, upstream } = asFault(error)
      if (upstream?.status === 404) return gone
      this.#problem(job, message)
      return undefined
    }
  }

  #problem(job: StoredFineTune, problem: string): void {
    if (!this.#leaving.signal.aborted) this.#context.onProblem(job.id, problem)
  }

  #keep(job: StoredFineTune, told: FineTuneState): StoredFineTune {
    const { clock, store } = this.#context
    const now = clock.now()
    const { dueAt: _, ...rest } = job
    const age = now - job.createdAt
    // Not every answer tells all that an earlier one did.
    const state = { ...job.state, ...told }
    const next: StoredFineTune = {
      ...rest,
      state: isOver(state) ? { ...state, finishedAt: state.finishedAt ?? Math.floor(now / 1000) } : state,
      resultFiles: this.#adopted(job, state),
      models: [...new Set([...job.models, ...(state.model === undefined ? [] : [state.model])])],
      ...(!isOver(state) && { dueAt: now + Math.min(longestPause, Math.max(shortestPause, age / 10)) }),
    }
    store.put(next)
    this.#publish(next)
    if (state.status === 'succeeded') this.#lookForCheckpoints(next)
    return next
  }

  /** What the provider wrote about the job are files of its owner. */
  #adopted(job: StoredFineTune, { resultFiles = [] }: FineTuneState): Readonly<Record<string, string>> {
    const all: Record<string, string> = { ...job.resultFiles }
    for (const remoteId of resultFiles) {
      if (all[remoteId] !== undefined) continue
      const id = `file-${randomUUID().replaceAll('-', '')}`
      const copy = { provider: job.provider, account: job.account, remoteId }
      all[remoteId] = this.#context.files.adopt(job.owner, copy, {
        id,
        purpose: 'fine-tune-results',
        name: `${job.id}-results.csv`,
      }).id
    }
    return all
  }

  /** Their models are the owner's as well, whether it asks for them or not. */
  #lookForCheckpoints(job: StoredFineTune): void {
    const located = this.#locate(job)
    const call = located?.calls.checkpoints?.(job.remoteId, { limit: mostCheckpoints })
    if (located === undefined || call === undefined) return
    askAccount(located.account, call, { clock: this.#context.clock, signal: this.#leaving.signal }).then(
      (answer) => this.#own(job, located.calls.readCheckpoints?.(answer).checkpoints ?? []),
      (error: unknown) => this.#problem(job, `its checkpoints are not known: ${asFault(error).message}`),
    )
  }

  #own(job: StoredFineTune, checkpoints: readonly FineTuneCheckpoint[]): void {
    const known = this.#context.store.get(job.owner, job.id)
    const names = checkpoints.map(({ model }) => model).filter((model) => model !== '')
    if (known === undefined || names.every((name) => known.models.includes(name))) return
    const next = { ...known, models: [...new Set([...known.models, ...names])] }
    this.#context.store.put(next)
    this.#publish(next)
  }

  #publish({ owner, provider, models }: StoredFineTune): void {
    for (const model of models) this.#context.models.add({ owner, provider, model })
  }
}

export interface Listed<T> {
  readonly entries: readonly T[]
  readonly hasMore: boolean
}

/** `hasMore` is told where the provider made the page. */
function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { limit, after }: EventPage,
  hasMore: boolean | undefined,
): Listed<T> {
  if (hasMore !== undefined) return { entries: all, hasMore }
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  return { entries: all.slice(start, start + limit), hasMore: all.length > start + limit }
}

const gone: FineTuneState = {
  status: 'failed',
  failure: { code: 'not_found', message: 'The provider no longer knows of the job.', param: null },
}

function requireForTraining(purpose: string, id: string): void {
  if (purpose === 'fine-tune') return
  throw new Fault(
    'invalid_request',
    `The file ${id} was uploaded for "${purpose}": one to train with is for "fine-tune".`,
    {
      param: 'training_file',
    },
  )
}

/** What training costs is told by no price list that the gateway knows. */
function requireKnownPrice({ key }: Exchange, { free, provider }: ProviderAccount): void {
  if (free || key?.policy.budgets === undefined || key.policy.budgets.length === 0) return
  throw new Fault(
    'unpriced_model',
    `What tuning a model costs at ${provider} is not known, and the key "${key.name}" has a budget that could not be kept. Use a key without one.`,
  )
}

const malformed = ({ provider }: ProviderAccount): Fault =>
  new Fault('provider_malformed', `${provider} answered with something that is no fine-tuning job.`, {
    upstream: { provider },
  })
