/** The protocols for films. */
export { openaiRemix, openaiVideos } from './openai.ts'
export { veo, vertexVeo } from './veo.ts'
