/** `GET /api/canaries`: how canaries stand. */
import type { RouterReport } from '../../kernel/strategy.ts'
import { sendJson } from '../fault-response.ts'
import type { Route } from '../route.ts'

export function canaryRoutes(
  reports: () => readonly { readonly router: string; readonly report: RouterReport }[],
): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/canaries',
      handle({ response, headers }) {
        const data = reports().map(({ router, report: { kind: _, ...report } }) => ({ router, ...report }))
        sendJson(response, 200, { object: 'list', data }, headers)
      },
    },
  ]
}
