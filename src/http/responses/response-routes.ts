/**
 * What can be asked of an answer that is kept: itself, its input, and that it be forgotten.
 * https://developers.openai.com/api/reference/resources/responses
 */
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import type { Archive } from '../../pipeline/responses/archive.ts'
import type { StoredResponse } from '../../stores/response-store.ts'
import type { BackgroundRuns } from '../../pipeline/responses/background.ts'
import { sendJson, sendJsonText } from '../fault-response.ts'
import type { Route } from '../route.ts'
import { writeStream } from '../serve-exchange.ts'
import { pageOf, readPageQuery } from './pages.ts'

export interface ResponseRoutesContext {
  readonly archive: Archive
  readonly background: BackgroundRuns
  /** Milliseconds after which a client that takes nothing is given up. */
  readonly flushTimeout: number
  /** Asks the provider that keeps the answer too to forget it. */
  readonly forgetAtProvider: (response: StoredResponse) => void
}

export function responseRoutes({
  archive,
  background,
  flushTimeout,
  forgetAtProvider,
}: ResponseRoutesContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/responses/{id}',
      handle({ response, key, params, query, headers }) {
        const owner = ownerOf(key)
        const found = archive.get(owner, idIn(params))
        if (query.get('stream') !== 'true') {
          sendJsonText(response, 200, found.response, headers)
          return
        }
        if (!archive.hasEvents(found))
          throw invalidRequest(
            'stream',
            'Only a response that was created with `background` and `stream` can be streamed again.',
          )
        const source = background.follow(owner, found.id, startingAfter(query))
        writeStream(
          { kind: 'stream', status: 200, contentType: 'text/event-stream; charset=utf-8', source },
          ['content-type', 'text/event-stream; charset=utf-8', ...headers],
          response,
          flushTimeout,
        )
        // The next event may be long in coming.
        response.flushHeaders()
      },
    },
    {
      method: 'DELETE',
      path: '/v1/responses/{id}',
      handle({ response, key, params, headers }) {
        const owner = ownerOf(key)
        background.cancel(owner, idIn(params))
        const found = archive.forget(owner, idIn(params))
        forgetAtProvider(found)
        sendJson(response, 200, { id: found.id, object: 'response', deleted: true }, headers)
      },
    },
    {
      method: 'POST',
      path: '/v1/responses/{id}/cancel',
      handle({ response, key, params, headers }) {
        const owner = ownerOf(key)
        const { id, background: isBackground } = archive.get(owner, idIn(params))
        if (!isBackground)
          throw new Fault('invalid_request', 'Cannot cancel a synchronous response.', { param: 'response_id' })
        background.cancel(owner, id)
        sendJsonText(response, 200, archive.get(owner, id).response, headers)
      },
    },
    {
      method: 'GET',
      path: '/v1/responses/{id}/input_items',
      handle({ response, key, params, query, headers }) {
        const page = readPageQuery(query)
        const items = archive.inputItems(ownerOf(key), idIn(params))
        sendJson(response, 200, pageOf(items, page), headers)
      },
    },
  ]
}

/** Whose answers a client may see. */
export const ownerOf = (key: Key | undefined): string => key?.id ?? ''

function startingAfter(query: URLSearchParams): number {
  const text = query.get('starting_after') ?? '-1'
  if (!/^(?:-1|\d{1,9})$/.test(text))
    throw invalidRequest('starting_after', 'starting_after must be the sequence number of an event.')
  return Number(text)
}

function idIn(params: Readonly<Record<string, string>>): string {
  const { id = '' } = params
  if (id === '') throw new Fault('response_not_found', 'The path names no response.')
  return id
}
