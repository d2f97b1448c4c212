/** Reads a router that a request brings, as strictly as one of the configuration: what is wrong with it is told with its place. */
import { readRouter } from './read-router.ts'
import { formatPath } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import type { DriverRegistry, RouterSettings } from './types.ts'
import { Fault } from '../model/fault.ts'
import type { JsonObject } from '../model/json.ts'

/** Characters of JSON. */
const largest = 16_384
/** Targets, those of routers within it included: each is compiled for the request. */
const mostTargets = 100
/** Problems that one message tells. */
const mostTold = 3

/** `text` is the same as JSON. Throws a Fault. */
export function readInlineRouter(
  router: JsonObject,
  text: string,
  { providers, strategies }: DriverRegistry,
): RouterSettings {
  if (text.length > largest)
    throw refused(`\`router\` has ${text.length} characters; a request may bring a router of ${largest}.`)
  const problems: ConfigProblem[] = []
  const document = {
    value: { router },
    problems: [],
    place: () => ({ file: 'router' }),
    secret: () => false,
  }
  const settings = readRouter('router', router, ['router'], {
    document,
    registry: { providers, strategies },
    ofRequest: true,
    problems,
  })
  if (settings === undefined || problems.length > 0) throw refused(told(problems))
  const targets = targetsIn(settings)
  if (targets > mostTargets)
    throw refused(`\`router\` has ${targets} targets in all; a request may bring a router of ${mostTargets}.`)
  return settings
}

const targetsIn = ({ targets }: RouterSettings): number =>
  targets.reduce((sum, { target }) => sum + (typeof target === 'string' ? 1 : 1 + targetsIn(target)), 0)

const refused = (message: string): Fault => new Fault('invalid_request', message, { param: 'router' })

function told(problems: readonly ConfigProblem[]): string {
  const some = problems.slice(0, mostTold).map(({ path, message, hint }) => {
    const at = path === '' ? formatPath(['router']) : path
    return `${at}: ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
  const more = problems.length - some.length
  return `The request's own router cannot be used. ${some.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`
}
