/**
 * The memory of the Responses API, over providers that have none: before a turn, what it follows is put before its own input; after
 * it, the answer is kept before the client has its last byte. A provider that keeps conversations itself is asked to go on from its
 * own memory, with the request as it is, and the copy kept here serves whenever it cannot.
 */
import type { Body } from '../../kernel/body.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { textOf } from '../../kernel/reply.ts'
import type { BytesReply, Reply } from '../../kernel/reply.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ConversationStore } from '../../stores/conversation-store.ts'
import type { ResponseOrigin, ResponseStatus, ResponseStore, StoredResponse } from '../../stores/response-store.ts'
import { chooseEndpoint } from '../attempt/outbound.ts'
import { countTurns } from '../stages/receive.ts'
import { readAsk } from './ask.ts'
import { openCompactions } from './compaction.ts'
import { compactionMark } from './compaction-seal.ts'
import type { CompactionSeal } from './compaction-seal.ts'
import { inputItems, joinArrays, listedItem, newId, outputItems, parseItems, refersToItems } from './items.ts'
import { editedBody } from '../edited-body.ts'
import { chainOf, contextItems, conversationItems, resolveReferences } from './recall.ts'
import type { RecallContext } from './recall.ts'
import { identified, parseObject } from './response-json.ts'
import type { IdentifiedResponse } from './response-json.ts'
import { sessionOf } from './session.ts'
import type { Turn } from './turn.ts'
import { watchStream } from './watch-stream.ts'

export interface MemoryContext {
  /** Whether answers are kept when the client has nothing against it. */
  readonly keepAnswers: boolean
  readonly clock: Clock
  readonly responses: ResponseStore
  readonly conversations: ConversationStore
  /** Milliseconds. */
  readonly retention: number
  /** Bytes of earlier turns that one request may bring back. */
  readonly maxContextBytes: number
  readonly seal: CompactionSeal
  /** The store took an answer not: who asks for it later is told that there is none. */
  readonly onFailure: (error: unknown, responseId: string) => void
}

export interface Memory {
  /** Makes the exchange's body whole. Undefined when nothing is asked of any memory. */
  recall(exchange: Exchange): Turn | undefined
  /** The same reply, with the answer in it told what it follows, and kept. */
  remember(exchange: Exchange, turn: Turn, reply: Reply): Reply
  /** What is put into the answer beside what its provider said. */
  editsOf(exchange: Exchange, turn: Turn): JsonObject | undefined
  /** Keeps the answer as it is told; `original` is as it came. */
  keep(exchange: Exchange, turn: Turn, told: JsonObject, original: JsonObject): void
  /** The answer as it is kept, at whatever state it is. */
  stored(exchange: Exchange, turn: Turn, response: IdentifiedResponse, origin?: ResponseOrigin): StoredResponse
}

export const ownerOf = ({ key }: Pick<Exchange, 'key'>): string => key?.id ?? ''

export function createMemory(context: MemoryContext): Memory {
  const { clock, responses, conversations } = context

  function recallContext(exchange: Exchange): RecallContext {
    return {
      responses,
      conversations,
      maxContextBytes: context.maxContextBytes,
      maxItems: exchange.plan.messageLimit + 1,
      now: clock.now(),
      owner: ownerOf(exchange),
      session: sessionOf(exchange),
      madeElsewhere: ({ origin }) => origin !== undefined && isElsewhere(exchange, origin),
    }
  }

  function recall(exchange: Exchange): Turn | undefined {
    const { body } = exchange
    const ask = readAsk(body, context.keepAnswers)
    const recalling = recallContext(exchange)
    const follows = ask.previousId !== undefined || ask.conversationId !== undefined
    const input = inputItems(body)
    const refers = refersToItems(input)
    const sealed = body.includes(compactionMark)
    if (!follows && !refers && !sealed && !ask.store && recalling.session === undefined) return undefined
    const earlier = ask.previousId === undefined ? [] : chainOf(recalling, ask.previousId)
    const conversation = ask.conversationId === undefined ? undefined : conversationNow(recalling, ask.conversationId)
    const before =
      conversation === undefined
        ? contextItems(recalling, earlier)
        : conversationItems(recalling, conversation.id, conversation.upTo)
    const opened = sealed ? openCompactions(input, context.seal) : input
    let whole = follows ? joinArrays([openCompactions(before, context.seal), opened]) : opened
    let holders: readonly StoredResponse[] = earlier.slice(-1)
    if (refers) {
      const resolved = resolveReferences(recalling, parseItems(whole))
      whole = JSON.stringify(resolved.items)
      if (!follows) holders = resolved.holders
    }
    const edits: Record<string, string | undefined> = {
      ...(ask.background && { background: undefined, stream: 'true' }),
      ...(sealed && { input: opened }),
    }
    if (follows || refers) {
      const native = conversation === undefined ? continuation(exchange, ask.previousId, holders, edits) : undefined
      exchange.body = editedBody(exchange, {
        ...edits,
        previous_response_id: undefined,
        conversation: undefined,
        input: whole,
      })
      exchange.native = native
      countTurns(exchange.body, exchange.surface.dialect.turns ?? 'messages', exchange.plan.messageLimit)
    } else if (ask.background || sealed) exchange.body = editedBody(exchange, edits)
    const streams = exchange.head.stream
    if (ask.background) exchange.head = { ...exchange.head, stream: true }
    // What was never stored cannot be followed later but as a part of this turn.
    const isKept =
      ask.previousId !== undefined && responses.get(recalling.owner, ask.previousId, recalling.now) !== undefined
    return {
      ask,
      ...(isKept || ask.previousId === undefined
        ? { input, earlier, ...(isKept && { previousId: ask.previousId }) }
        : { input: whole, earlier: [] }),
      request: ask.background ? requestOf(body) : {},
      ...(conversation !== undefined && { conversation }),
      ...(ask.background && { promised: { id: newId('resp'), createdAt: clock.now(), streams } }),
    }
  }

  function conversationNow({ owner }: RecallContext, id: string): { id: string; upTo: number } {
    if (conversations.get(owner, id) === undefined)
      throw new Fault('conversation_not_found', `Conversation with id '${id.slice(0, 120)}' not found.`, {
        param: 'conversation',
      })
    const [last] = conversations.items(owner, id, { order: 'desc', limit: 1 })
    return { id, upTo: last?.position ?? 0 }
  }

  function remember(exchange: Exchange, turn: Turn, reply: Reply): Reply {
    // Whoever runs it in the background takes care of that.
    if (turn.promised !== undefined) return reply
    if (reply.kind === 'bytes') return rememberBytes(exchange, turn, reply)
    const edits = editsOf(exchange, turn)
    const watched = watchStream(reply.source, {
      ...(edits !== undefined && { edit: (response) => ({ ...response, ...edits }) }),
      done: (told, original) => keep(exchange, turn, told, original),
      maxEventBytes: exchange.plan.responseLimit,
    })
    return { ...reply, source: watched }
  }

  function rememberBytes(exchange: Exchange, turn: Turn, reply: BytesReply): BytesReply {
    if (reply.fault !== undefined) return reply
    const response = parseObject(textOf(reply))
    if (response === undefined) return reply
    const edits = editsOf(exchange, turn)
    const told = edits === undefined ? response : { ...response, ...edits }
    keep(exchange, turn, told, response)
    return edits === undefined ? reply : { ...reply, bytes: JSON.stringify(told) }
  }

  function editsOf(exchange: Exchange, { ask, promised, conversation }: Turn): JsonObject | undefined {
    const edits: JsonObject = {}
    if (promised !== undefined) {
      edits['id'] = promised.id
      edits['created_at'] = Math.floor(promised.createdAt / 1000)
      edits['background'] = true
      edits['store'] = true
    }
    if (ask.previousId !== undefined && !answersItself(exchange, ask.previousId))
      edits['previous_response_id'] = ask.previousId
    if (conversation !== undefined) edits['conversation'] = { id: conversation.id }
    return Object.keys(edits).length === 0 ? undefined : edits
  }

  function keep(exchange: Exchange, turn: Turn, told: JsonObject, original: JsonObject): void {
    const response = identified(told)
    if (response === undefined) return
    const kept = stored(exchange, turn, response, originOf(exchange, original))
    sessionOf(exchange)?.keep([...turn.earlier, kept])
    const output = outputItems(response)
    try {
      const ids = output.map(({ id }) => id).filter((id) => typeof id === 'string')
      if (turn.ask.store) responses.put(kept, ids)
      if (turn.conversation !== undefined && kept.status !== 'failed')
        extend(ownerOf(exchange), turn.conversation.id, [...parseItems(turn.input), ...output])
    } catch (error) {
      context.onFailure(error, response.id)
    }
  }

  function extend(owner: string, conversationId: string, items: readonly JsonObject[]): void {
    const entries = items.map((item) => {
      const listed = listedItem(item, newId)
      return { id: listed.id, json: JSON.stringify(listed) }
    })
    conversations.append(owner, conversationId, entries, clock.now())
  }

  function stored(
    exchange: Exchange,
    turn: Turn,
    response: IdentifiedResponse,
    origin?: ResponseOrigin,
  ): StoredResponse {
    const { ask, input, previousId, promised, conversation } = turn
    const createdAt = promised?.createdAt ?? exchange.at
    return {
      owner: ownerOf(exchange),
      id: response.id,
      createdAt,
      expiresAt: createdAt + context.retention,
      status: statusOf(response['status']),
      background: ask.background,
      input,
      response: JSON.stringify(response),
      ...(previousId !== undefined && { previousId }),
      ...(conversation !== undefined && { conversation }),
      ...(origin !== undefined && { origin }),
    }
  }

  return { recall, remember, editsOf, keep, stored }
}

/** Whether what this provider encrypted for itself could only be sent to others, or might be. */
function isElsewhere(exchange: Exchange, { provider, dialect }: ResponseOrigin): boolean {
  if (dialect !== exchange.surface.dialect.id) return false
  const speakers = (exchange.route?.deployments ?? []).filter((deployment) => speaksClients(exchange, deployment))
  return speakers.length === 0 || speakers.some((deployment) => deployment.provider !== provider)
}

function requestOf(body: Body<unknown>): JsonObject {
  const json = body.json()
  return isJsonObject(json) ? json : {}
}

/** The request for the provider that has the answers before it in its own memory, under ids of its own. */
function continuation(
  exchange: Exchange,
  previousId: string | undefined,
  holders: readonly StoredResponse[],
  edits: Readonly<Record<string, string | undefined>>,
): Exchange['native'] {
  const origins = holders.map(({ origin }) => origin)
  const [first] = origins
  const provider = first?.provider
  if (provider === undefined || first?.responseId === undefined) return undefined
  if (origins.some((origin) => origin?.provider !== provider || origin.responseId === undefined)) return undefined
  const renamed = previousId !== undefined && first.responseId !== previousId
  const all = { ...edits, ...(renamed && { previous_response_id: JSON.stringify(first.responseId) }) }
  return {
    provider,
    deployment: first.deployment,
    body: Object.keys(all).length === 0 ? exchange.body : editedBody(exchange, all),
  }
}

/** The provider went on from its own memory and names the very id that the client does. */
function answersItself(exchange: Exchange, previousId: string): boolean {
  const { native, deployment } = exchange
  return (
    native !== undefined &&
    deployment !== undefined &&
    deployment.provider === native.provider &&
    speaksClients(exchange, deployment) &&
    native.body.member('previous_response_id') === previousId
  )
}

const speaksClients = (exchange: Exchange, deployment: Deployment): boolean =>
  chooseEndpoint(exchange, deployment)?.dialect === exchange.surface.dialect

function originOf(exchange: Exchange, answer: JsonObject): ResponseOrigin | undefined {
  const { deployment } = exchange
  if (deployment === undefined) return undefined
  const { provider, id } = deployment
  const dialect = chooseEndpoint(exchange, deployment)?.dialect.id ?? ''
  // Providers of this protocol that keep nothing say so in their answers, or say nothing of it.
  const keptThere = speaksClients(exchange, deployment) && answer['store'] === true ? identified(answer) : undefined
  return { provider, deployment: id, dialect, ...(keptThere !== undefined && { responseId: keptThere.id }) }
}

const statuses: ReadonlySet<string> = new Set([
  'queued',
  'in_progress',
  'completed',
  'incomplete',
  'failed',
  'cancelled',
])

const statusOf = (status: unknown): ResponseStatus =>
  typeof status === 'string' && statuses.has(status) ? (status as ResponseStatus) : 'completed'
