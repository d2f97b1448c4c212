/** How thoroughly a deployment is checked. */

/** `quick`: can it be reached. `standard`: the smallest real answer. `deep`: an answer that is looked at. */
export const checkTiers = ['quick', 'standard', 'deep'] as const
export type CheckTier = (typeof checkTiers)[number]

/** `unaffordable`: the budget is used up. */
export type CheckOutcome = 'good' | 'bad' | 'unaffordable'
