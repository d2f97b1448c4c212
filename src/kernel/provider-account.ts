/** What can be asked of one account at a provider, whatever the model: compiled from the configuration, one for each credential. */
import type { AdviserCalls, FileCalls, FineTuneCalls } from './account-calls.ts'
import type { Deployment } from './deployment.ts'
import type { FaultCodec } from './dialect.ts'

export interface ProviderAccount {
  /** The provider's name in the configuration. */
  readonly provider: string
  /** Tells accounts of one provider apart, across restarts, without telling their credentials. */
  readonly account: string
  /** For its signer, its transport and its headers: it is of no model. */
  readonly deployment: Deployment
  readonly origin: string
  /** Path and query of the base URL. */
  readonly prefix: string
  readonly search: string
  readonly files?: FileCalls
  readonly fineTuning?: FineTuneCalls
  readonly adviser?: AdviserCalls
  readonly fault: FaultCodec
  /** Whatever is asked of it costs nothing. */
  readonly free: boolean
}
