/** Models that are there without being configured: each chooses among all that are, by one thing that people want. */
export const virtualModels = {
  'router:general:balanced': 'Quality for half, price for a third, speed for the rest.',
  'router:general:quality': 'The best at the task that the request is taken for.',
  'router:general:cost': 'The cheapest for the request that is good enough.',
  'router:general:latency': 'The quickest that is good enough.',
  'router:code:auto': 'By how hard the request looks: one of the three below, or between price and quality.',
  'router:code:price': 'The cheapest that is good enough at code.',
  'router:code:quality': 'The best at code.',
  'router:code:agentic': 'The best at working with tools.',
} as const satisfies Readonly<Record<`router:${string}:${string}`, string>>

export type VirtualModel = keyof typeof virtualModels
export const virtualModelNames = Object.keys(virtualModels) as readonly VirtualModel[]

export const isVirtualModel = (name: string): name is VirtualModel => Object.hasOwn(virtualModels, name)
