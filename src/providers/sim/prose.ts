/** Text that reads like an answer and means nothing: sentences drawn from a small vocabulary, one token a word. */
import type { Random } from '../../kernel/clock.ts'
import { drawInteger, pick } from './seeded.ts'

const things = [
  'answer',
  'bridge',
  'cloud',
  'engine',
  'field',
  'forest',
  'garden',
  'gateway',
  'harbor',
  'idea',
  'island',
  'kettle',
  'ladder',
  'lantern',
  'letter',
  'library',
  'machine',
  'map',
  'market',
  'model',
  'morning',
  'mountain',
  'number',
  'ocean',
  'paper',
  'path',
  'pattern',
  'planet',
  'question',
  'river',
  'road',
  'season',
  'shadow',
  'signal',
  'sluice',
  'station',
  'stone',
  'story',
  'stream',
  'street',
  'system',
  'table',
  'theory',
  'tool',
  'tower',
  'train',
  'valley',
  'village',
  'water',
  'window',
  'winter',
  'workshop',
] as const
const kinds = [
  'bright',
  'calm',
  'careful',
  'clear',
  'cold',
  'common',
  'curious',
  'deep',
  'distant',
  'early',
  'exact',
  'famous',
  'gentle',
  'green',
  'heavy',
  'hidden',
  'honest',
  'large',
  'late',
  'light',
  'long',
  'narrow',
  'new',
  'old',
  'open',
  'patient',
  'plain',
  'proper',
  'quiet',
  'rare',
  'round',
  'second',
  'sharp',
  'simple',
  'slow',
  'small',
  'steady',
  'strange',
  'strong',
  'useful',
  'warm',
  'wide',
] as const
const deeds = [
  'answers',
  'brings',
  'builds',
  'carries',
  'changes',
  'counts',
  'covers',
  'crosses',
  'draws',
  'explains',
  'finds',
  'follows',
  'gathers',
  'guides',
  'holds',
  'joins',
  'keeps',
  'leads',
  'leaves',
  'lifts',
  'meets',
  'moves',
  'needs',
  'opens',
  'passes',
  'reaches',
  'repeats',
  'shapes',
  'shows',
  'teaches',
  'turns',
  'writes',
] as const
const places = [
  'above',
  'across',
  'after',
  'along',
  'behind',
  'below',
  'beside',
  'beyond',
  'near',
  'through',
  'toward',
  'within',
] as const
const joints = ['and', 'because', 'but', 'so', 'when', 'where', 'while'] as const
const articles = ['the', 'a', 'every', 'one', 'this', 'another'] as const

function phrase(draw: Random): string[] {
  const kind = draw() < 0.6 ? [pick(draw, kinds)] : []
  return [pick(draw, articles), ...kind, pick(draw, things)]
}

function sentence(draw: Random): string[] {
  const clause = (): string[] => [
    ...phrase(draw),
    pick(draw, deeds),
    ...phrase(draw),
    pick(draw, places),
    ...phrase(draw),
  ]
  return draw() < 0.35 ? [...clause(), pick(draw, joints), ...clause()] : clause()
}

/** Exactly so many tokens of text, each as it is written: a word with its blank, or a full stop. */
export function drawProse(draw: Random, tokens: number): string[] {
  const text: string[] = []
  let blank = ''
  let untilBreak = drawInteger(draw, 3, 6)
  while (text.length < tokens) {
    for (const [index, word] of sentence(draw).entries()) {
      text.push(blank + (index === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word))
      blank = ' '
    }
    text.push('.')
    if (--untilBreak > 0 || text.length + 1 >= tokens) continue
    text.push('\n\n')
    blank = ''
    untilBreak = drawInteger(draw, 3, 6)
  }
  text.length = tokens
  // Asked for a length, it still ends like a sentence where it can.
  const before = text[tokens - 2]
  if (before !== undefined && before !== '.' && before !== '\n\n') text[tokens - 1] = '.'
  return text
}

/** A few lower-case words, joined by blanks. */
export function drawWords(draw: Random, count: number): string {
  return Array.from({ length: count }, () => pick(draw, draw() < 0.5 ? kinds : things)).join(' ')
}
