/**
 * How thorough the tests are. The inner loop shows every behaviour once at least; where one law holds for many values, providers or
 * cuts it takes a sample of them, always the same one. `SLUICEGATE_TEST_DEPTH=thorough`, which `.ci/run` sets, takes all.
 */
export const thorough = process.env['SLUICEGATE_TEST_DEPTH'] === 'thorough'

/** So many runs of a property, or a fifth of them; of few a fifth would show nothing. */
export const runs = (all: number): number => (thorough ? all : Math.min(all, Math.max(20, Math.ceil(all / 5))))

/** One in `every` of the items, and never none; whoever asks with the next `turn` gets the next ones, so that together they have all. */
export function sampled<T>(items: readonly T[], every: number, turn = 0): readonly T[] {
  const step = Math.max(1, Math.min(every, items.length))
  return thorough ? items : items.filter((_, index) => (index + turn) % step === 0)
}
