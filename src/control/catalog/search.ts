/** What `--search` means: words, of which each is a part of a name, an ability, a task, or a limit such as `ctx>=200k`. */
import { tasks } from './catalog-file.ts'
import type { ModelFacts } from './catalog-file.ts'

export interface Searched {
  /** Names that words are looked for in. */
  readonly names: readonly string[]
  /** Of every model it can lead to: what a word asks for is true when it is true of one of them. */
  readonly facts: readonly ModelFacts[]
}

type Test = (facts: ModelFacts) => boolean

const handles = (modality: NonNullable<ModelFacts['inputs']>[number]): Test => {
  return ({ inputs, outputs }) => inputs?.includes(modality) === true || outputs?.includes(modality) === true
}

const abilities: Readonly<Record<string, Test>> = {
  vision: ({ inputs }) => inputs?.includes('image') === true,
  tools: ({ tools }) => tools === true,
  reasoning: ({ reasoning }) => reasoning === true,
  thinking: ({ reasoning }) => reasoning === true,
  structured: ({ structured }) => structured === true,
  caching: ({ caching }) => caching === true,
  open: ({ openWeights }) => openWeights === true,
  deprecated: ({ status, retires }) => status === 'deprecated' || retires !== undefined,
  audio: handles('audio'),
  image: handles('image'),
  video: handles('video'),
  pdf: handles('pdf'),
  ...Object.fromEntries(
    tasks
      .filter((task) => task !== 'image' && task !== 'video')
      .map((task): [string, Test] => [task, (facts) => facts.task === task]),
  ),
}

const limits = { ctx: 'context', out: 'maxOutput' } as const
const comparison = /^(ctx|out)(>=|<=|>|<)(\d+(?:\.\d+)?)([km]?)$/

/** Whether something has all the words; throws a RangeError for a comparison that cannot be read. */
export function searchFor(text: string): (searched: Searched) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(wordTest)
  return (searched) => {
    const names = searched.names.join(' ').toLowerCase()
    return words.every((test) => test(names, searched.facts))
  }
}

function wordTest(word: string): (names: string, facts: readonly ModelFacts[]) => boolean {
  const limit = /[<>]/.test(word) ? limitTest(word) : undefined
  if (limit !== undefined) return (_, facts) => facts.some(limit)
  const ability = Object.hasOwn(abilities, word) ? abilities[word] : undefined
  return (names, facts) => names.includes(word) || (ability !== undefined && facts.some(ability))
}

function limitTest(word: string): Test {
  const [, subject, sign, digits, unit] = comparison.exec(word) ?? []
  if (subject === undefined)
    throw new RangeError(
      `"${word}" cannot be searched for: limits are written as ctx>=200k or out<64k, with >=, <=, > or <`,
    )
  const bound = Number(digits) * (unit === 'm' ? 1_000_000 : unit === 'k' ? 1000 : 1)
  const fact = limits[subject as keyof typeof limits]
  return ({ [fact]: value }) => {
    if (value === undefined) return false
    if (sign === '>=') return value >= bound
    if (sign === '<=') return value <= bound
    return sign === '>' ? value > bound : value < bound
  }
}
