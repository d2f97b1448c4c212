/** The protocols for ranking documents. */
import { rerankDialect } from '../../kernel/codec/rerank/rerank-dialect.ts'
import { cohereWire, cohereV1Wire } from './cohere.ts'
import { teiWire } from './tei.ts'
import { voyageWire } from './voyage.ts'

export const cohereRerank = rerankDialect(cohereWire)
export const cohereRerankV1 = rerankDialect(cohereV1Wire)
export const voyageRerank = rerankDialect(voyageWire)
export const teiRerank = rerankDialect(teiWire)
