/** The signer of a configured provider, whether it keeps tokens or just puts a key on every request. */
import type { Provider, ProviderConfig, Signer, SignerContext } from '../provider.ts'

/** A credential of the configuration comes before an identity whose tokens are fetched. */
export function openSigner<C extends ProviderConfig>(provider: Provider<C>, config: C, context: SignerContext): Signer {
  const keeper = provider.open?.(config, context)
  return {
    ...keeper,
    sign: (outbound, credential) =>
      keeper === undefined || credential !== undefined
        ? provider.sign(outbound, config, credential)
        : keeper.sign(outbound, credential),
  }
}
