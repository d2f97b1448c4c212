/** Words of a search: parts of names, abilities, tasks and limits, all of which must hold. */
import { describe, expect, it } from 'vitest'
import type { ModelFacts } from './catalog-file.ts'
import { searchFor } from './search.ts'

const seeing: ModelFacts = {
  name: 'Seeing',
  task: 'chat',
  context: 200_000,
  maxOutput: 64_000,
  inputs: ['text', 'image'],
  outputs: ['text', 'audio'],
  tools: true,
  reasoning: false,
}
const found = (words: string, facts: readonly ModelFacts[] = [seeing], names: readonly string[] = ['openai/gpt-x']) =>
  searchFor(words)({ names, facts })

describe('a search', () => {
  it('finds everything that has all the words', () => {
    const all = ['', '  ', 'GPT', 'gpt openai', 'vision', 'vision tools gpt', 'audio', 'image', 'chat']
    expect(all.filter((words) => !found(words))).toEqual([])
    const none = ['claude', 'gpt claude', 'reasoning', 'vision video', 'embedding', 'caching', 'open deprecated']
    expect(none.filter((words) => found(words))).toEqual([])
  })

  it('compares limits, and finds nothing by a limit that is not known', () => {
    const all = ['ctx>=200k', 'ctx<=200k', 'ctx>199999', 'ctx<0.2001m', 'out>=64k ctx>1', 'out<64001']
    expect(all.filter((words) => !found(words))).toEqual([])
    expect(['ctx>200k', 'ctx<200k', 'out>64k', 'ctx>=1m'].filter((words) => found(words))).toEqual([])
    expect(found('ctx>0', [{}])).toBe(false)
    expect(found('ctx>0', [])).toBe(false)
  })

  it('takes a word as a part of a name too', () => {
    expect(found('vision', [{}], ['acme/vision-1'])).toBe(true)
    expect(found('200k', [], ['acme/long-200k'])).toBe(true)
    expect(found('constructor', [{}])).toBe(false)
  })

  it('is true of a name when it is true of one of its models', () => {
    expect(found('vision reasoning', [seeing, { reasoning: true }])).toBe(true)
  })

  it('says how limits are written when one is not', () => {
    for (const words of ['ctx>', 'ctx>=lots', 'price<3', 'ctx=>200k', '>200k'])
      expect(() => searchFor(words)).toThrow(/ctx>=200k/)
  })
})
