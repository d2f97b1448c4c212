/** `POST /api/routes/explain`: what would become of a request. */
import type { Plan } from '../../kernel/plan.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Key } from '../../model/key.ts'
import { explainRoute } from '../../pipeline/explain-route.ts'
import { sendJson } from '../fault-response.ts'
import { readJson } from '../read-json.ts'
import type { Route } from '../route.ts'
import type { SurfaceTable } from '../surface-table.ts'
import { explanationJson } from './explanation-json.ts'
import type { ExplanationJson } from './explanation-json.ts'

export interface ExplainContext {
  readonly plan: () => Plan
  readonly surfaces: SurfaceTable
  /** A key by its id or name. */
  readonly keyNamed: (idOrName: string) => Key | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

const usualPath = '/v1/chat/completions'

export type Explain = (asked: JsonObject, body: JsonObject) => Promise<ExplanationJson>

/** Explains what would become of a body; `asked` tells where it would be sent to (`path`, `headers`) and by whom (`key`). Throws a Fault. */
export function explainer({ plan, surfaces, keyNamed, now }: ExplainContext): Explain {
  return async (asked, body) => {
    const path = textIn(asked, 'path') ?? usualPath
    const match = surfaces.match(path.split('?')[0] ?? '', path)
    if (match === undefined) throw invalidRequest('path', `The gateway serves no model at ${path.slice(0, 200)}.`)
    const name = textIn(asked, 'key')
    const key = name === undefined ? undefined : keyNamed(name)
    if (name !== undefined && key === undefined)
      throw invalidRequest('key', `No key has the id or name "${name.slice(0, 120)}".`)
    const explanation = await explainRoute({
      surface: match.served.surface,
      plan: plan(),
      headers: headersIn(asked),
      at: now(),
      body: Buffer.from(JSON.stringify(body)),
      key,
      ...(match.address !== undefined && { address: match.address }),
    })
    return explanationJson(explanation)
  }
}

export function explainRoutes(explain: Explain, bodyLimit: number): Route[] {
  return [
    {
      method: 'POST',
      path: '/api/routes/explain',
      async handle({ request, response, headers }) {
        const asked = await readJson(request, bodyLimit)
        const { body } = asked
        if (!isJsonObject(body))
          throw invalidRequest('body', '`body` must be the request to explain: {"model": "…", "messages": […]}.')
        sendJson(response, 200, await explain(asked, body), headers)
      },
    },
  ]
}

export function textIn(asked: JsonObject, name: string): string | undefined {
  const value = asked[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw invalidRequest(name, `\`${name}\` must be text.`)
  return value
}

function headersIn(asked: JsonObject): Record<string, string> {
  const { headers = {} } = asked
  if (!isJsonObject(headers)) throw invalidRequest('headers', '`headers` must be an object of texts.')
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (typeof value !== 'string')
        throw invalidRequest('headers', `The header \`${name.slice(0, 80)}\` must be text.`)
      return [name.toLowerCase(), value]
    }),
  )
}
