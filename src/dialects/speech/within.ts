/** Speed within what a service can do. */
import { adapt } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

export function within(
  speed: number | undefined,
  least: number,
  most: number,
  id: string,
  lost: Loss[],
): number | undefined {
  if (speed === undefined || (speed >= least && speed <= most)) return speed
  adapt(lost, 'speed', `${id} speaks between ${least} and ${most} times as fast as usual`)
  return Math.min(most, Math.max(least, speed))
}
