/** Cohere's embeddings, in both versions of its protocol. */
import { cohereEmbedDialect } from './dialect.ts'

export const cohereEmbed = cohereEmbedDialect({ id: 'cohere-embed', version: '2' })
export const cohereEmbedV1 = cohereEmbedDialect({ id: 'cohere-embed-v1', version: '1' })
