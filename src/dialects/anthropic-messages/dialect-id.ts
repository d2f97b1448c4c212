/** The name under which this dialect's parts, notes and unmodelled members are kept in the canonical model. */
export const dialectId = 'anthropic-messages'
