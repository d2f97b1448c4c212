/** What a model or router sets for translation under its name. */
import type { TranslationPolicy } from '../kernel/route.ts'

interface Given {
  readonly on_unsupported?: 'drop' | 'warn' | 'refuse' | undefined
  readonly prompt_caching?: 'auto' | 'off' | undefined
}

export function translationOf(given: Given): { readonly translation?: TranslationPolicy } {
  const { on_unsupported: onUnsupported, prompt_caching: promptCaching } = given
  if (onUnsupported === undefined && promptCaching === undefined) return {}
  return {
    translation: {
      ...(onUnsupported !== undefined && { onUnsupported }),
      ...(promptCaching !== undefined && { promptCaching }),
    },
  }
}
