/**
 * Whether a request has to be looked at although both sides speak the same protocol: a service may take less than its protocol has
 * words for. Bytes pass untouched wherever a search of them shows that nothing of the kind is in there.
 */
import type { Body } from '../../kernel/body.ts'
import type { Setting, Traits } from '../../kernel/traits.ts'

/** Texts of which a body has one at least when something of it may have to be fitted; `always` where no text tells. */
export type Watch = readonly string[] | 'always'

/** How the protocols spell a setting, as far as it is not its own name. */
const spellings: Partial<Record<Setting, readonly string[]>> = {
  top_p: ['topP'],
  top_k: ['topK'],
  presence_penalty: ['presencePenalty'],
  frequency_penalty: ['frequencyPenalty'],
  logprobs: ['responseLogprobs'],
  stop: ['stop_sequences', 'stopSequences'],
  n: ['candidateCount'],
  reasoning: ['reasoning_effort', 'thinking', 'thinkingConfig', 'think'],
  user: ['user_id', 'safety_identifier'],
  service_tier: ['serviceTier'],
}

const quoted = (name: string): string => `"${name}`

/** What to look for, given what is particular about a service: what its protocol in general does not say. */
export function watchFor(particular: Traits): Watch {
  const { alternatingRoles, systemAnywhere, developerRole, mediaUrls, maxTemperature, maxStops, leaveOut } = particular
  if (alternatingRoles === true) return 'always'
  return [
    ...(systemAnywhere === false ? ['"system'] : []),
    ...(developerRole === false ? ['"developer"'] : []),
    ...(mediaUrls === undefined ? [] : ['"http:', '"https:']),
    ...(maxTemperature === undefined ? [] : ['"temperature']),
    ...(maxStops === undefined ? [] : ['"stop']),
    ...(leaveOut ?? []).flatMap((setting) => [setting, ...(spellings[setting] ?? [])].map(quoted)),
  ]
}

export function mayNeedFitting(body: Body<unknown>, watch: Watch): boolean {
  return watch === 'always' || body.mentions(watch)
}
