/** Servers that pass tasks on to Midjourney, with the protocol of midjourney-proxy, at an address of one's own. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { jobTransport, jsonOf } from '../kernel/job-transport.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { AskedFor, Offer } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import type { JsonObject } from '../model/json.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'the Midjourney proxy'
const submit = '/mj/submit/'

/** A button of an earlier picture is pressed, or a picture is made. */
const pathOf = (_model: string, _stream: boolean, asked?: AskedFor): string =>
  `${submit}${asked?.member('customId') === undefined ? 'imagine' : 'action'}`

const offers = (
  [
    ['image', 'midjourney-image'],
    ['edit-image', 'midjourney-image-edit'],
  ] as const
).map(([operation, dialect]): Offer => ({ operation, dialect, verified: true, path: pathOf, maxInputs: 1 }))

/** `MODAL` waits for a further answer that nobody gives. */
const isOver = ({ status }: JsonObject): boolean => status === 'SUCCESS' || status === 'FAILURE' || status === 'MODAL'

/** Submitted, there already, and waiting in a queue. */
const taken = new Set<unknown>([1, 21, 22])

export const midjourneyProxy = defineProvider({
  id: 'midjourney-proxy',
  title: 'Midjourney proxy',
  config: z.strictObject({
    base_url: baseUrlField.describe(
      'Address of the server, with what comes before `/mj` in its paths, if anything does.',
    ),
    auth: z
      .enum(['mj-api-secret', 'bearer'])
      .default('mj-api-secret')
      .describe(
        'Header the secret goes into: `mj-api-secret`, or `authorization: Bearer` for relays in front of such servers.',
      ),
  }),
  env: [],
  offers,
  keyless: true,
  docs: [
    {
      title: 'midjourney-proxy: API',
      url: 'https://github.com/novicezk/midjourney-proxy/blob/main/docs/api.md',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base }) => base,
  sign(outbound, { auth }, credential) {
    if (credential === undefined) return outbound
    const key = requireCredential(credential, title)
    return withHeaders(outbound, auth === 'bearer' ? { authorization: `Bearer ${key}` } : { 'mj-api-secret': key })
  },
  models: ['midjourney', 'niji'],
  transport: (_config, context) =>
    jobTransport(context, {
      title: 'the Midjourney proxy',
      isOrder: ({ method, path }) => method === 'POST' && path.includes(submit),
      async script(job, outbound) {
        const submitted = await job.order()
        const { code, result } = jsonOf(submitted) ?? {}
        if (!taken.has(code) || typeof result !== 'string') return submitted
        const base = outbound.path.slice(0, outbound.path.indexOf(submit))
        return job.until({ method: 'GET', path: `${base}/mj/task/${pathStep(result)}/fetch` }, isOver)
      },
    }),
})
