/** The protocols for ranking documents. */
import { rerankDialect } from '../../kernel/codec/rerank/rerank-dialect.ts'
import { cohereWire, cohereV1Wire } from './cohere.ts'
import { nvidiaWire } from './nvidia.ts'
import { sglangWire } from './sglang.ts'
import { teiWire } from './tei.ts'
import { vertexWire } from './vertex.ts'
import { voyageWire } from './voyage.ts'

export const cohereRerank = rerankDialect(cohereWire)
export const cohereRerankV1 = rerankDialect(cohereV1Wire)
export const voyageRerank = rerankDialect(voyageWire)
export const teiRerank = rerankDialect(teiWire)
export const sglangRerank = rerankDialect(sglangWire)
export const nvidiaRerank = rerankDialect(nvidiaWire)
export const vertexRank = rerankDialect(vertexWire)
