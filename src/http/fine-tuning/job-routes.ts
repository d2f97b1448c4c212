/** Jobs that tune models, as OpenAI's clients order and follow them: https://developers.openai.com/api/reference/resources/fine_tuning (read 2026-11-27). */
import { invalidRequest } from '../../model/fault.ts'
import { ownerOf } from '../../pipeline/files/file-keeper.ts'
import type { FineTuningJobs, JobAction } from '../../pipeline/fine-tuning/fine-tuning-jobs.ts'
import { checkpointJson, eventJson, jobJson } from '../../pipeline/fine-tuning/job-json.ts'
import { errandRoutes, jsonReply } from '../errand.ts'
import type { ErrandContext } from '../errand.ts'
import { readJson } from '../read-json.ts'
import { readMetadata } from '../responses/metadata.ts'
import { listOf } from '../responses/pages.ts'
import type { Route } from '../route.ts'

export interface JobRoutesContext extends ErrandContext {
  readonly jobs: FineTuningJobs
  readonly bodyLimit: number
}

const collection = '/v1/fine_tuning/jobs'
const one = `${collection}/{id}`
const usualPage = 20
const largestPage = 100
const actions: readonly JobAction[] = ['cancel', 'pause', 'resume']

export function jobRoutes(context: JobRoutesContext): Route[] {
  const { jobs, bodyLimit } = context
  const route = errandRoutes(context, 'fine-tune')
  return [
    route('POST', collection, async ({ request }, exchange) => {
      const body = await readJson(request, bodyLimit)
      readMetadata(body['metadata'])
      if (typeof body['model'] === 'string') exchange.head = { model: body['model'], stream: false }
      return jsonReply(jobJson(await jobs.create(exchange, body)))
    }),
    route('GET', collection, async ({ query }, exchange) => {
      const page = pageIn(query)
      const found = await jobs.list(ownerOf(exchange.key), page)
      return jsonReply(listOf(found.slice(0, page.limit).map(jobJson), found.length > page.limit))
    }),
    route('GET', one, async ({ params: { id = '' } }, exchange) =>
      jsonReply(jobJson(await jobs.look(ownerOf(exchange.key), id))),
    ),
    ...actions.map((action) =>
      route('POST', `${one}/${action}`, async ({ params: { id = '' } }, exchange) =>
        jsonReply(jobJson(await jobs.act(exchange, id, action))),
      ),
    ),
    route('GET', `${one}/events`, async ({ params: { id = '' }, query }, exchange) => {
      const { entries, hasMore } = await jobs.events(exchange, id, pageIn(query))
      return jsonReply(listOf(entries.map(eventJson), hasMore))
    }),
    route('GET', `${one}/checkpoints`, async ({ params: { id = '' }, query }, exchange) => {
      const job = jobs.get(ownerOf(exchange.key), id)
      const { entries, hasMore } = await jobs.checkpoints(exchange, id, pageIn(query))
      return jsonReply(
        listOf(
          entries.map((checkpoint) => checkpointJson(job, checkpoint)),
          hasMore,
        ),
      )
    }),
  ]
}

function pageIn(query: URLSearchParams): { readonly limit: number; readonly after?: string } {
  const limit = query.get('limit') ?? String(usualPage)
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > largestPage)
    throw invalidRequest('limit', `limit must be a whole number from 1 to ${largestPage}.`)
  const after = query.get('after')
  return { limit: Number(limit), ...(after !== null && after !== '' && { after }) }
}
