/**
 * What can be asked of an answer that is kept: itself, its input, and that it be forgotten.
 * https://developers.openai.com/api/reference/resources/responses
 */
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import type { Archive } from '../../pipeline/responses/archive.ts'
import type { StoredResponse } from '../../stores/response-store.ts'
import { sendJson, sendJsonText } from '../fault-response.ts'
import type { Route } from '../route.ts'
import { pageOf, readPageQuery } from './pages.ts'

export interface ResponseRoutesContext {
  readonly archive: Archive
  /** Asks the provider that keeps the answer too to forget it. */
  readonly forgetAtProvider: (response: StoredResponse) => void
}

export function responseRoutes({ archive, forgetAtProvider }: ResponseRoutesContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/responses/{id}',
      handle({ response, key, params, headers }) {
        const found = archive.get(ownerOf(key), idIn(params))
        sendJsonText(response, 200, found.response, headers)
      },
    },
    {
      method: 'DELETE',
      path: '/v1/responses/{id}',
      handle({ response, key, params, headers }) {
        const found = archive.forget(ownerOf(key), idIn(params))
        forgetAtProvider(found)
        sendJson(response, 200, { id: found.id, object: 'response', deleted: true }, headers)
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

export function idIn(params: Readonly<Record<string, string>>): string {
  const { id = '' } = params
  if (id === '') throw new Fault('response_not_found', 'The path names no response.')
  return id
}
