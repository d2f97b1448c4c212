/** Kinds of work that models are better or worse at. */
export const taskClasses = ['code', 'reasoning', 'writing', 'summarisation', 'translation', 'tools', 'chat'] as const
export type TaskClass = (typeof taskClasses)[number]
