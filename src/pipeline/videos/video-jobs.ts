/**
 * Jobs that make films, from the answer that takes one on until it is over, across restarts: whose they are, how they do, and what they
 * cost. A film is paid for once, when it is made; until then the most that it can cost is held, and one that fails costs nothing.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { RemoteVideo } from '../../kernel/video-calls.ts'
import { costOf } from '../../model/cost.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { NanoUsd } from '../../model/money.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { isOver, videoUnits } from '../../model/video.ts'
import type { VideoJob, VideoRequest, VideoState } from '../../model/video.ts'
import type { StoredVideo, VideoAccount, VideoJobStore } from '../../stores/video-job-store.ts'
import { chooseEndpoint } from '../attempt/outbound.ts'
import { priceOf } from '../price-of.ts'
import { recordText } from '../record-text.ts'
import type { Budgets } from '../stages/reserve.ts'
import type { SettleContext } from '../stages/settle.ts'
import { askProvider } from './provider-call.ts'
import type { Place } from './provider-call.ts'

export interface VideoJobsContext extends SettleContext {
  readonly clock: Clock
  readonly store: VideoJobStore
  readonly budgets: Budgets
  readonly plan: () => Plan
  readonly onProblem: (videoId: string, problem: string) => void
}

/** A job, and where it is being made. */
export interface LocatedVideo extends Place {
  readonly video: StoredVideo
  readonly remote: RemoteVideo
}

/** Milliseconds between two questions about a job: a quarter of its age, within these. */
const shortestPause = 5000
const longestPause = 60_000
/** Jobs that are asked about at the same time. */
const atOnce = 4
/** A job that is not over by then has failed. */
const longestLife = 24 * 3_600_000
/** What is known of a job that is over is forgotten after that. */
const keptFor = 30 * 24 * 3_600_000

export class VideoJobs implements Disposable {
  readonly #context: VideoJobsContext
  readonly #holds = new Map<string, (actual: NanoUsd) => void>()
  readonly #asking = new Map<string, Promise<StoredVideo>>()
  readonly #leaving = new AbortController()
  #timer: Timer | undefined

  constructor(context: VideoJobsContext) {
    this.#context = context
  }

  /** Takes up what the last run left: holds money for it again, and goes on asking. */
  async resume(): Promise<void> {
    const { store, budgets } = this.#context
    for (const { id, createdAt, account } of store.unfinished()) {
      const { key, held } = account
      if (key === undefined || key.budgets.length === 0) continue
      const holder = { id: key.id, name: key.name, createdAt: 0, policy: { models: [], budgets: key.budgets } }
      const hold = await budgets.hold(holder, held, createdAt)
      if (hold.ok) this.#holds.set(id, (actual) => hold.settle(actual))
    }
    this.#schedule()
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    this.#leaving.abort()
  }

  /** Keeps the job of an answer; the exchange costs nothing by itself from now on. */
  accept(exchange: Exchange, deployment: Deployment, job: VideoJob, remixedFrom: string | undefined): StoredVideo {
    const { clock, store } = this.#context
    const endpoint = chooseEndpoint(exchange, deployment)
    if (endpoint?.dialect.videos === undefined) throw new Fault('internal_error', `${deployment.id} makes no films.`)
    const request = exchange.body.read() as VideoRequest
    const { id: remoteId, ...state } = job
    const { seconds, size } = { ...endpoint.dialect.videos.made(request), ...lengthAndSize(state) }
    const now = clock.now()
    const price = priceOf(exchange, deployment)
    const cost = price === undefined ? undefined : costOf({ ...noTokens, ...videoUnits(seconds, size) }, price)
    const { key, head, hold } = exchange
    const route = exchange.wayTo(deployment)
    const account: VideoAccount = {
      exchangeId: exchange.id,
      requestId: exchange.requestId,
      ...(key !== undefined && { key: { id: key.id, name: key.name, budgets: key.policy.budgets ?? [] } }),
      ...(head.endUser !== undefined && { endUser: recordText(head.endUser) }),
      modelAsked: recordText(head.model),
      ...(route !== undefined && { route: recordText(route) }),
      ...(cost !== undefined && cost.missing === undefined && { cost: cost.total }),
      held: hold?.amount ?? 0,
    }
    const video: StoredVideo = {
      owner: key?.id ?? '',
      id: `video_${exchange.id}`,
      createdAt: now,
      deployment: deployment.id,
      ...(deployment.credential !== undefined && { credential: deployment.credential }),
      dialect: endpoint.dialect.id,
      remoteId,
      prompt: request.prompt,
      seconds,
      size,
      ...(remixedFrom !== undefined && { remixedFrom }),
      state,
      dueAt: now + shortestPause,
      account,
    }
    store.put(video)
    exchange.billedLater = true
    if (hold !== undefined) this.#holds.set(video.id, (actual) => hold.settle(actual))
    this.#schedule()
    return isOver(state) ? this.#conclude(video) : video
  }

  /** Throws a Fault for what is not the owner's. */
  get(owner: string, id: string): StoredVideo {
    const video = this.#context.store.get(owner, id)
    if (video === undefined)
      throw new Fault('video_not_found', `There is no video ${JSON.stringify(id.slice(0, 120))}.`, {
        param: 'video_id',
      })
    return video
  }

  /** The job as it stands by now; as it was known last where its provider cannot be asked. */
  async look(owner: string, id: string): Promise<StoredVideo> {
    const video = this.get(owner, id)
    return video.dueAt === undefined ? video : this.#refresh(video)
  }

  /** Undefined where the deployment is no longer configured. */
  locate(video: StoredVideo): LocatedVideo | undefined {
    const { clock, plan } = this.#context
    const all = plan().deployments.filter(({ id }) => id === video.deployment)
    const deployment = all.find(({ credential }) => credential === video.credential) ?? all[0]
    const endpoint = deployment?.endpoints.get('video')?.find(({ dialect }) => dialect.id === video.dialect)
    if (deployment === undefined || endpoint === undefined) return undefined
    const path = endpoint.path(deployment.model, false)
    const { asset } = video.state
    const remote = { id: video.remoteId, path, ...(asset !== undefined && { asset }) }
    return { video, deployment, endpoint, clock, remote }
  }

  /** Deletes a job that is over, at its provider too as far as that can be asked. */
  async remove(owner: string, id: string): Promise<void> {
    const video = await this.look(owner, id)
    if (video.dueAt !== undefined)
      throw new Fault('invalid_request', 'The video is still being made: it can be deleted when it is over.', {
        param: 'video_id',
      })
    this.#context.store.delete(owner, id)
    const located = this.locate(video)
    const call = located?.endpoint.dialect.videos?.remove?.(located.remote)
    if (located === undefined || call === undefined) return
    askProvider(located, call, this.#leaving.signal).then(
      ({ status }) => {
        if (status >= 300 && status !== 404) this.#problem(video, `it may not be deleted: status ${status}`)
      },
      (error: unknown) => this.#problem(video, `it may not be deleted: ${asFault(error).message}`),
    )
  }

  // --- asking

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
      store.forget(clock.now() - keptFor)
      await Promise.all(store.due(clock.now(), atOnce).map((video) => this.#refresh(video)))
    } finally {
      this.#schedule()
    }
  }

  /** One question at a time, however many wait for its answer. */
  #refresh(video: StoredVideo): Promise<StoredVideo> {
    const asking = this.#asking.get(video.id)
    if (asking !== undefined) return asking
    const asked = this.#ask(video).finally(() => this.#asking.delete(video.id))
    this.#asking.set(video.id, asked)
    return asked
  }

  async #ask(video: StoredVideo): Promise<StoredVideo> {
    const state = (await this.#stateOf(video)) ?? video.state
    const { clock, store } = this.#context
    const now = clock.now()
    // Deleted meanwhile, or over.
    const known = store.get(video.owner, video.id)
    if (known?.dueAt === undefined) return known ?? video
    const age = now - video.createdAt
    const next: StoredVideo = {
      ...video,
      state: isOver(state) || age < longestLife ? { ...video.state, ...state } : overdue,
      dueAt: now + Math.min(longestPause, Math.max(shortestPause, age / 4)),
    }
    if (isOver(next.state)) return this.#conclude(next)
    store.put(next)
    return next
  }

  /** Undefined where nobody can tell by now. */
  async #stateOf(video: StoredVideo): Promise<VideoState | undefined> {
    const located = this.locate(video)
    const calls = located?.endpoint.dialect.videos
    if (located === undefined || calls === undefined) {
      this.#problem(video, `${video.deployment} is no longer configured`)
      return undefined
    }
    try {
      const { status, headers, text, isWhole } = await askProvider(
        located,
        calls.state(located.remote),
        this.#leaving.signal,
      )
      if (status === 404) return gone
      if (status < 300) return calls.readState(text, isWhole)
      const clean = located.deployment.redact(text)
      this.#problem(video, located.endpoint.dialect.fault.decode(status, parsed(clean), headers).message)
    } catch (error) {
      this.#problem(video, asFault(error).message)
    }
    return undefined
  }

  #problem(video: StoredVideo, problem: string): void {
    if (!this.#leaving.signal.aborted) this.#context.onProblem(video.id, problem)
  }

  // --- accounts

  /** The record first: its id is the job's, so that writing it again after a crash counts nothing twice. */
  #conclude(video: StoredVideo): StoredVideo {
    const { clock, store, journal, publish, budgets } = this.#context
    const now = clock.now()
    const { dueAt: _, ...rest } = video
    const over: StoredVideo = { ...rest, completedAt: now }
    const record = recordOf(over, now, this.locate(video)?.deployment)
    const json = JSON.stringify(record)
    journal(json, () => undefined)
    store.put(over)
    const { key } = video.account
    const settle = this.#holds.get(video.id)
    this.#holds.delete(video.id)
    if (settle !== undefined) settle(record.cost ?? 0)
    else if (key !== undefined && record.cost !== undefined) budgets.spent(key.id, record.cost, now)
    publish(record, json)
    return over
  }
}

const noTokens = { input: { total: 0 }, output: { total: 0 } } as const

const failure = (code: string, message: string): VideoState => ({ status: 'failed', failure: { code, message } })
const overdue = failure('expired', 'The provider had not made the video after a day.')
const gone = failure('video_not_found', 'The provider no longer knows of the video.')

/** As far as the provider tells them. */
const lengthAndSize = ({ seconds, size }: VideoState) => ({
  ...(seconds !== undefined && { seconds }),
  ...(size !== undefined && { size }),
})

function recordOf(video: StoredVideo, now: number, deployment: Deployment | undefined): ExchangeRecord {
  const { account, state } = video
  const made = state.status === 'completed'
  const { key, cost } = account
  return {
    id: `${account.exchangeId}-done`,
    requestId: account.requestId,
    at: now,
    surface: 'DONE /v1/videos',
    operation: 'video',
    ...(key !== undefined && { keyId: key.id, keyName: key.name }),
    ...(account.endUser !== undefined && { endUser: account.endUser }),
    modelAsked: account.modelAsked,
    deployment: video.deployment,
    provider: deployment?.provider ?? video.deployment.slice(0, video.deployment.indexOf('/')),
    modelServed: deployment?.model ?? video.deployment.slice(video.deployment.indexOf('/') + 1),
    ...(account.route !== undefined && { route: account.route }),
    stream: false,
    attempts: [],
    ...(made && { usage: { ...noTokens, ...videoUnits(video.seconds, video.size) } }),
    ...(made && (cost === undefined ? { unpriced: true } : { cost })),
    durationMs: now - video.createdAt,
    overheadMs: 0,
    status: made ? 200 : 502,
    outcome: made ? 'ok' : 'fault',
    ...(!made && { fault: 'provider_error' }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
