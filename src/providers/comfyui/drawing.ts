/**
 * The calls behind one request: pictures to work on are put up, the workflow is queued and asked about until it is done, and what it made is
 * fetched. https://docs.comfy.org/development/comfyui-server/comms_routes and server.py of the project (read 2026-11-27).
 */
import { createHash } from 'node:crypto'
import { parseJson } from '../../bytes/parse-json.ts'
import type { Random } from '../../kernel/clock.ts'
import { formBody } from '../../kernel/form-body.ts'
import type { Answered } from '../../kernel/gathered-call.ts'
import { answeredWith, jsonOf } from '../../kernel/job-transport.ts'
import type { Job, JobScript } from '../../kernel/job-transport.ts'
import { isBodySource, wholeBody } from '../../kernel/transport.ts'
import type { Outbound } from '../../kernel/transport.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { filled, missingIn, orderOf, usualWorkflow } from './workflow.ts'
import type { Order } from './workflow.ts'
import { readWorkflow } from './workflow-file.ts'
import { pathStep } from '../../kernel/path-step.ts'

const mostSeed = 2 ** 48

export function drawing(workflows: Readonly<Record<string, string>>, random: Random): JobScript {
  return async (job, outbound) => {
    const base = outbound.path.replace(/\/prompt$/, '')
    const told = await orderIn(outbound)
    const images: string[] = []
    for (const picture of listIn(told['images'])) {
      const name = await putUp(job, base, picture)
      if (typeof name !== 'string') return name
      images.push(name)
    }
    const mask = told['mask'] === undefined ? undefined : await putUp(job, base, told['mask'])
    if (mask !== undefined && typeof mask !== 'string') return mask
    const order = orderOf(told, images, mask, Math.floor(random() * mostSeed))
    const workflow = workflowOf(order, workflows[order.model])
    if ('status' in workflow) return workflow
    return drawn(job, base, workflow.nodes)
  }
}

async function orderIn(outbound: Outbound): Promise<JsonObject> {
  const { body } = outbound
  const chunks: Uint8Array[] = []
  if (body !== null && isBodySource(body)) for await (const chunk of body.open()) chunks.push(chunk)
  else chunks.push(wholeBody(outbound))
  const json: unknown = parseJson(Buffer.concat(chunks).toString('utf8'))
  return isJsonObject(json) ? json : {}
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])
const textIn = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

const refused = (message: string): Answered => ({ ...answeredWith({ error: message }), status: 400 })

function workflowOf(order: Order, file: string | undefined): Answered | { readonly nodes: JsonObject } {
  if (file === undefined) return { nodes: usualWorkflow(order) }
  let workflow: JsonObject
  try {
    workflow = readWorkflow(file)
  } catch (error) {
    return { ...refused(`The workflow ${order.model}: ${error instanceof Error ? error.message : ''}.`), status: 500 }
  }
  const missing = missingIn(workflow, order)
  if (missing !== undefined)
    return refused(`The workflow ${order.model} wants \`${missing}\`, which the request has not.`)
  return { nodes: Object.fromEntries(Object.entries(workflow).map(([id, node]) => [id, filled(node ?? null, order)])) }
}

/** The picture's name on the server, or the answer that it was refused with. Among what is temporary, so nothing of it stays. */
async function putUp(job: Job, base: string, picture: JsonValue): Promise<string | Answered> {
  const { type, data } = isJsonObject(picture) ? picture : {}
  const base64 = textIn(data)
  const kind = textIn(type).replace(/^image\//, '')
  const name = `sluicegate-${createHash('sha256').update(base64).digest('hex').slice(0, 32)}.${kind === '' ? 'png' : kind}`
  const file = { base64, name, type: textIn(type) }
  const { contentType, body } = formBody({ type: 'temp', overwrite: 'true', image: file }, [])
  const answer = await job.ask({
    method: 'POST',
    path: `${base}/upload/image`,
    headers: { 'content-type': contentType },
    body,
  })
  const { name: kept, subfolder } = jsonOf(answer) ?? {}
  if (typeof kept !== 'string') return answer
  return `${subfolder === undefined || subfolder === '' ? '' : `${textIn(subfolder)}/`}${kept} [temp]`
}

async function drawn(job: Job, base: string, workflow: JsonObject): Promise<Answered> {
  const queued = await job.ask({ method: 'POST', path: `${base}/prompt`, json: { prompt: workflow }, orders: true })
  const id = jsonOf(queued)?.['prompt_id']
  if (typeof id !== 'string') return queued
  job.stopsBy(
    { method: 'POST', path: `${base}/queue`, json: { delete: [id] } },
    { method: 'POST', path: `${base}/interrupt`, json: { prompt_id: id } },
  )
  const told = await job.until({ method: 'GET', path: `${base}/history/${pathStep(id)}` }, (json) => isOver(json[id]))
  const entry = jsonOf(told)?.[id]
  if (!isJsonObject(entry)) return told
  const failed = failureIn(entry)
  return failed === undefined ? fetched(job, base, entry) : answeredWith({ failed })
}

const statusIn = (entry: JsonObject): JsonObject => (isJsonObject(entry['status']) ? entry['status'] : {})

/** Older servers tell of a workflow only when it has ended. */
const isOver = (entry: JsonValue | undefined): boolean =>
  isJsonObject(entry) && (entry['status'] === undefined || statusIn(entry)['status_str'] !== undefined)

function failureIn(entry: JsonObject): string | undefined {
  const { status_str: status, messages } = statusIn(entry)
  if (status !== 'error') return undefined
  const details = listIn(messages).flatMap((message) => {
    const [kind, detail] = listIn(message)
    return typeof kind === 'string' && /error|interrupted/.test(kind) && isJsonObject(detail) ? [detail] : []
  })
  const said = textIn(details[0]?.['exception_message'])
  return said === '' ? 'The workflow failed, and the server did not say why.' : said.trim().slice(0, 500)
}

/** The pictures that were saved or, where none were, those that were shown. */
async function fetched(job: Job, base: string, entry: JsonObject): Promise<Answered> {
  const outputs = isJsonObject(entry['outputs']) ? Object.values(entry['outputs']) : []
  const made = outputs.flatMap((output) => (isJsonObject(output) ? listIn(output['images']) : [])).filter(isJsonObject)
  const saved = made.filter(({ type }) => type === 'output')
  const images: string[] = []
  for (const { filename, subfolder, type } of saved.length > 0 ? saved : made) {
    const query = new URLSearchParams({
      filename: textIn(filename),
      subfolder: textIn(subfolder),
      type: textIn(type) === '' ? 'output' : textIn(type),
    })
    const picture = await job.ask({ method: 'GET', path: `${base}/view?${query.toString()}` })
    if (picture.status !== 200) return picture
    images.push(picture.body.toString('base64'))
  }
  return answeredWith({ images })
}
