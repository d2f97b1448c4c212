/**
 * A failure to get what a request would be signed with. Its message is for whoever runs the gateway: it is marked as a matter between
 * gateway and provider, so that clients hear of it in general words. It has no status of the provider's, which was not even asked.
 */
import { Fault } from '../../model/fault.ts'

export function identityFault(message: string, cause?: unknown): Fault {
  return new Fault('provider_authentication', message, { upstream: {}, ...(cause !== undefined && { cause }) })
}
