/** Explains by the configuration alone: nothing is opened, and nothing is known of how targets do. */
import type { Config } from '../../config/types.ts'
import { explanationJson } from '../../http/management/explanation-json.ts'
import { SurfaceTable } from '../../http/surface-table.ts'
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { explainRoute } from '../../pipeline/explain-route.ts'
import { compactionSeal } from '../../pipeline/responses/compaction-seal.ts'
import { surfacesOf } from '../../surfaces.ts'
import { CliError } from '../cli-error.ts'
import { compileOffline } from '../offline-plan.ts'
import type { Explained, RequestToExplain } from './explained.ts'

export async function explainOffline(
  config: Config,
  { path, headers, body, key }: RequestToExplain,
  now: number,
): Promise<Explained> {
  const match = surfaces().match(path.split('?')[0] ?? '', path)
  if (match === undefined) throw new CliError(`the gateway serves no model at ${path}`, { kind: 'usage' })
  try {
    return explanationJson(
      await explainRoute({
        surface: match.served.surface,
        plan: await compileOffline(config, now),
        headers,
        at: now,
        body: Buffer.from(JSON.stringify(body)),
        key: key === undefined ? undefined : keyNamed(config, key),
        ...(match.address !== undefined && { address: match.address }),
      }),
    )
  } catch (error) {
    if (error instanceof Fault) throw new CliError(error.message)
    throw error
  }
}

/** Of the configuration alone: keys of the database are known to the gateway. */
function keyNamed(config: Config, name: string): Key {
  const found = config.keys.find((key) => key.name === name)
  if (found === undefined)
    throw new CliError(`the configuration has no key named "${name}"`, {
      hint: 'keys that were made with `sluicegate keys create` are known to a running gateway: ask it with --url',
    })
  return { id: `cfg_${name}`, name, policy: found.policy, createdAt: 0 }
}

/** Where a request could be sent, with nothing behind it. */
function surfaces(): SurfaceTable {
  const never = (): Promise<never> => Promise.reject(new Error('this route is only explained'))
  const pipeline: Pipeline = {
    chat: never,
    responses: never,
    compact: never,
    countTokens: never,
    plain: never,
    countInput: never,
    errand: () => never,
    pass: never,
    video: never,
    remix: never,
  }
  return new SurfaceTable(surfacesOf(pipeline, compactionSeal(Buffer.alloc(32))))
}
