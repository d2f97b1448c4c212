/** The protocols for speech. */
export { deepgramSpeak } from './deepgram.ts'
export { elevenlabsSpeech } from './elevenlabs.ts'
export { googleSynthesize } from './google.ts'
export { openaiSpeech } from './openai.ts'
