/** What several answers consumed together. */
import type { InputUsage, OutputUsage, Usage } from '../model/usage.ts'

/** At least one. Providers' own words of it are true of one answer alone, so of several they are left out. */
export function sumOfUsage(usages: readonly Usage[]): Usage {
  const [first, ...others] = usages
  if (first === undefined) return { input: { total: 0 }, output: { total: 0 } }
  return others.reduce(sum, first)
}

function sum(one: Usage, other: Usage): Usage {
  const tools = one.serverTools ?? other.serverTools
  const units = one.units ?? other.units
  return {
    input: sumOfMembers<InputUsage>(one.input, other.input),
    output: sumOfMembers<OutputUsage>(one.output, other.output),
    ...(tools !== undefined && { serverTools: sumOfMembers(one.serverTools ?? {}, other.serverTools ?? {}) }),
    ...(units !== undefined && { units: sumOfMembers(one.units ?? {}, other.units ?? {}) }),
    ...((one.unitKinds ?? other.unitKinds) !== undefined && { unitKinds: { ...other.unitKinds, ...one.unitKinds } }),
    ...((one.estimated ?? other.estimated) !== undefined && {
      estimated: one.estimated === true || other.estimated === true,
    }),
  }
}

/** A member that only one of them has counts for what it says there. */
function sumOfMembers<T extends object>(one: T, other: T): T {
  const total: Record<string, number> = { ...one } as Record<string, number>
  for (const [key, count] of Object.entries(other) as [string, number][]) total[key] = (total[key] ?? 0) + count
  return total as T
}
