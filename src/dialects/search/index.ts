/** The dialects for searching stores of documents, where the list of built-in drivers looks for them. */
export { bedrockRetrieve } from './bedrock.ts'
export { openaiVectorSearch } from './openai.ts'
