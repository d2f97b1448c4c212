/** The allowance of a provider that tells nothing, for tests that are about something else. */
import type { Allowance } from '../deployment.ts'

export const unknownAllowance: Allowance = { told: false, begin() {}, end() {}, shortMs: () => 0 }
