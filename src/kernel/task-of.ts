/** What kind of work a request is, by plain signs in it: tools, code, the words that people ask with. A guess, made in no time. */
import type { TaskClass } from '../model/task-class.ts'
import type { StrategyQuery } from './strategy.ts'

/** Characters of the text that are looked at. */
const looked = 4000

const signs: readonly (readonly [TaskClass, RegExp])[] = [
  ['translation', /\btranslat(?:e|ion|ing)\b|\bübersetz|\btraduis|\btraduce\b/i],
  ['summarisation', /\bsummar(?:y|i[sz]e|ies)\b|\btl;?dr\b|\bkey points\b|\bzusammenfass|\brésum/i],
  [
    'code',
    /```|\b(?:function|class|def|import|const|return|select .{1,80} from)\b.{0,80}[(){};:=]|\b(?:refactor|debug|compile|stack ?trace|unit tests?|regex|sql|python|javascript|typescript|java|rust|golang|c\+\+|bash)\b/i,
  ],
  ['reasoning', /\b(?:prove|proof|theorem|derive|calculate|integral|probability|solve|puzzle|step by step|logic)\b/i],
  [
    'writing',
    /\b(?:write|draft|compose|rewrite)\b.{0,60}\b(?:story|poem|essay|email|letter|article|blog|post|speech|song)\b/i,
  ],
]

export function taskOf({ features, text }: StrategyQuery): TaskClass {
  if (features.tools) return 'tools'
  const beginning = text.slice(0, looked)
  return signs.find(([, sign]) => sign.test(beginning))?.[0] ?? (features.reasoning ? 'reasoning' : 'chat')
}
