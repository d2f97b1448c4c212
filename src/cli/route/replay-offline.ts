/** Replays on the records of the data directory, with a gateway running beside it or not. */
import type { Config } from '../../config/types.ts'
import { replay } from '../../control/routing/replay/replay.ts'
import type { ReplayWish } from '../../control/routing/replay/replay.ts'
import { replayJson } from '../../http/management/replay-json.ts'
import type { ReplayJson } from '../../http/management/replay-json.ts'
import { Fault } from '../../model/fault.ts'
import { openModelData } from '../../model-data.ts'
import { CliError } from '../cli-error.ts'
import { openExistingStores } from '../data-dir.ts'
import { findKey, knownKeys } from '../known-keys.ts'
import { compileOffline } from '../offline-plan.ts'

export interface OfflineWish extends Omit<ReplayWish, 'keyId'> {
  /** Id or name. */
  readonly key?: string
}

export async function replayOffline(config: Config, { key, ...wish }: OfflineWish): Promise<ReplayJson> {
  using stores = await openExistingStores(config.data.dir)
  const keys = knownKeys(config, stores?.keys)
  const data = await openModelData(new Set([...config.providers.values()].map(({ use }) => use)))
  try {
    return replayJson(
      await replay(
        { ...wish, ...(key !== undefined && { keyId: findKey(keys, key).id }) },
        {
          config,
          compile: (past) => compileOffline(config, wish.until, { data, past }),
          records: stores?.usage ?? { list: () => [] },
          keyNamed: (id) => keys.find((known) => known.id === id),
        },
      ),
    )
  } catch (error) {
    if (error instanceof Fault) throw new CliError(error.message)
    throw error
  }
}
