/** The protocols for recordings. */
export { deepgramListen } from './deepgram.ts'
export { elevenlabsTranscriptions } from './elevenlabs.ts'
export { mistralTranscriptions, openaiTranscriptions, openaiTranslations } from './openai.ts'
