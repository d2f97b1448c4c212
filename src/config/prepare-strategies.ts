/**
 * Some strategies load something before they can be compiled in earnest: an engine for scripts. They do so when a configuration uses
 * them, and not before.
 */
import type { Strategy } from '../kernel/strategy.ts'
import type { Config, RouterSettings } from './types.ts'

/** Whether there was anything to prepare: then what they say of the configuration is worth hearing again. */
export async function prepareStrategies(config: Config, strategies: readonly Strategy[]): Promise<boolean> {
  const used = new Set([...config.routers.values()].flatMap(strategyIds))
  const preparing = strategies.flatMap((strategy) => (used.has(strategy.id) ? (strategy.prepare?.() ?? []) : []))
  await Promise.all(preparing)
  return preparing.length > 0
}

/** Loads a configuration, and once more when what it uses had to be prepared. */
export async function loadPrepared<L extends { readonly config: Config }>(
  load: () => L,
  strategies: readonly Strategy[],
): Promise<L> {
  const loaded = load()
  return (await prepareStrategies(loaded.config, strategies)) ? load() : loaded
}

const strategyIds = ({ strategy, targets }: RouterSettings): string[] => [
  strategy,
  ...targets.flatMap(({ target }) => (typeof target === 'string' ? [] : strategyIds(target))),
]
