/**
 * What becomes of each feature between a client's protocol and a provider's, found out by sending the golden case that stands for it
 * through the codecs. The reasons are those that the gateway itself tells of what was lost.
 */
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import type { Loss } from '../../src/model/loss.ts'
import type { GoldenCase } from '../../test/golden/golden-case.ts'
import { isSameAnswer, isSameRequest } from '../../test/golden/meaning.ts'
import { saidByClient, translateAnswer, translateRequest, translateReturn } from '../../test/golden/translate.ts'

export type Fate = 'as-is' | 'carried' | 'adapted' | 'lost' | 'unknown-there'

export interface Cell {
  readonly fate: Fate
  /** One sentence each, of requests and answers alike. */
  readonly reasons: readonly string[]
}

/**
 * What a client of `client` gets of `golden` from each provider; undefined when its protocol has no words for it. What `anyway` says of
 * a provider is not told again: reasons that hold for plain text.
 */
export async function cellsOf(
  golden: GoldenCase,
  client: ChatDialect,
  providers: readonly ChatDialect[],
  anyway: readonly Cell[] = [],
): Promise<readonly Cell[] | undefined> {
  const asks = golden.request(client.id) !== undefined && golden.returns !== true
  if (asks && saidByClient(golden, client) === undefined) return undefined
  const cells = await Promise.all(providers.map((provider) => cellOf(golden, client, provider)))
  return cells.map((cell, index) => without(cell, anyway[index]?.reasons ?? []))
}

function without({ fate, reasons }: Cell, known: readonly string[]): Cell {
  const rest = reasons.filter((reason) => !known.includes(reason))
  return { fate: rest.length === 0 && reasons.length > 0 ? 'carried' : fate, reasons: rest }
}

function cellOf(golden: GoldenCase, client: ChatDialect, provider: ChatDialect): Promise<Cell> {
  if (client === provider) {
    const known = translateAnswer(golden, client, provider) !== undefined || golden.request(client.id) !== undefined
    return Promise.resolve({ fate: known ? 'as-is' : 'unknown-there', reasons: [] })
  }
  return golden.returns === true ? returnCell(golden, client, provider) : plainCell(golden, client, provider)
}

async function plainCell(golden: GoldenCase, client: ChatDialect, provider: ChatDialect): Promise<Cell> {
  const request = await translateRequest(golden, client, provider)
  const answer = translateAnswer(golden, client, provider)
  if (request === undefined && answer === undefined) return { fate: 'unknown-there', reasons: [] }
  if (provider.traits?.tools === 'none' && (request?.asked.tools ?? []).length > 0)
    return { fate: 'lost', reasons: [refused] }
  const same =
    (request === undefined || isSameRequest(request.asked, request.read)) &&
    (answer === undefined || isSameAnswer(answer.asked, answer.read))
  const lost = [...(request?.fetched === true ? [fetched] : []), ...(request?.lost ?? []), ...(answer?.lost ?? [])]
  return judged(lost, same)
}

const refused = 'requests with tools are refused, unless `supports` says that the gateway is to stand in for them'

const fetched: Loss = { path: '', kind: 'adapted', reason: 'the gateway fetches it and sends it as data' }

/** What comes back to its provider unharmed is carried, however it looked to the client meanwhile. */
async function returnCell(golden: GoldenCase, client: ChatDialect, provider: ChatDialect): Promise<Cell> {
  const answer = translateAnswer(golden, client, provider)
  if (answer === undefined) return { fate: 'unknown-there', reasons: [] }
  const returned = await translateReturn(golden, client, provider)
  const unshown = answer.lost.filter(({ kind }) => kind === 'dropped')
  return judged([...unshown, ...(returned?.lost ?? [notReturned])], false)
}

const notReturned: Loss = { path: '', kind: 'dropped', reason: 'clients of this protocol do not return it' }

/** `same`: what the case is about came through, whatever was dropped beside it. */
function judged(lost: readonly Loss[], same: boolean): Cell {
  const isLost = !same && lost.some(({ kind }) => kind === 'dropped')
  const fate = isLost ? 'lost' : lost.length > 0 ? 'adapted' : 'carried'
  return { fate, reasons: [...new Set(lost.map(({ reason }) => reason))] }
}
