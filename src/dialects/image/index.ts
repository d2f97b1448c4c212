/** The protocols of pictures. */
export { openaiImageEdits, openaiImageVariations, openaiImages } from './openai.ts'
