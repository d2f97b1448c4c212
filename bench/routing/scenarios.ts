/** What becomes of the deployments in each scenario, by the seconds since its beginning. All begin well and end well. */
import { asUsual } from './world.ts'
import type { Place, Scenario } from './world.ts'

/** Seconds of one run. */
export const length = 600
const from = 120
const until = 420

const during = (second: number): boolean => second >= from && second < until
const some = ({ id }: Place): boolean => Number(id.slice(-1)) % 2 === 0

export const scenarios: Readonly<Record<string, Scenario>> = {
  calm: () => asUsual,
  slow_down: (place, second) => (during(second) && place.provider === 'north' ? { ...asUsual, slow: 4 } : asUsual),
  brown_out: (place, second) =>
    during(second) && place.provider === 'north' ? { ...asUsual, slow: 1.5, failing: 0.3 } : asUsual,
  black_out: (place, second) => (during(second) && place.provider === 'north' ? { ...asUsual, failing: 1 } : asUsual),
  flapping: (place, second) =>
    during(second) && place.provider !== 'west' && some(place) && Math.floor(second / 20) % 2 === 0
      ? { ...asUsual, failing: 1 }
      : asUsual,
  cost_change: (place, second) => (during(second) && place.provider === 'west' ? { ...asUsual, dear: 6 } : asUsual),
  rate_limits: (place, second) => (during(second) && place.provider === 'north' ? { ...asUsual, rate: 0.05 } : asUsual),
}
