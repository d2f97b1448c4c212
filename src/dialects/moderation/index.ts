/** The protocols of moderation. */
export { azureTextModeration } from './azure.ts'
export { mistralModerations } from './mistral.ts'
export { openaiModerations } from './openai.ts'
export { perspectiveModeration } from './perspective.ts'
