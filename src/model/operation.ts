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
