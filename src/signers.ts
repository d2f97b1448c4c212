/**
 * The signers of all plans: one for each configured provider, with the tokens it keeps. A part of the composition root. Signers go
 * with the settings they were opened for, so a reload forgets the tokens of what is no longer configured.
 */
import type { ProviderSettings } from './config/types.ts'
import { openSigner } from './kernel/identity/open-signer.ts'
import type { Provider, ProviderConfig, Signer, SignerContext } from './kernel/provider.ts'

export type SignerOf = (provider: Provider, settings: ProviderSettings) => Signer

export function signersIn(contextOf: (settings: ProviderSettings) => SignerContext): SignerOf {
  const signers = new WeakMap<ProviderConfig, Signer>()
  return (provider, settings) => {
    const { options } = settings
    let signer = signers.get(options)
    if (signer === undefined) {
      signer = openSigner(provider, options, contextOf(settings))
      signers.set(options, signer)
    }
    return signer
  }
}
