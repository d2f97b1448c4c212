/** The protocols for recordings. */
export { assemblyaiTranscripts } from './assemblyai.ts'
export { deepgramListen } from './deepgram.ts'
export { elevenlabsTranscriptions } from './elevenlabs.ts'
export { googleRecognize, googleRecognizeV1 } from './google.ts'
export { mistralTranscriptions, openaiTranscriptions, openaiTranslations } from './openai.ts'
