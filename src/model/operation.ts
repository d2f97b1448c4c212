/** What a client can ask for. One canonical request type each; dialects and offers name the operation they speak. */
export type Operation =
  | 'chat'
  | 'count-tokens'
  | 'embed'
  | 'rerank'
  | 'moderate'
  | 'search'
  | 'speech'
  | 'transcribe'
  | 'translate-audio'
  | 'video'
  | 'image'
  | 'edit-image'
  | 'vary-image'

/** Whether the answer is pictures. */
export const makesImages = (operation: ExchangeOperation): boolean =>
  operation === 'image' || operation === 'edit-image' || operation === 'vary-image'

/** Of a whole exchange: `pass` is for a provider's own path, whatever is asked there. */
/** `file` and `fine-tune` are about what is kept for a client. */
export type ExchangeOperation = Operation | 'pass' | 'file' | 'fine-tune'
