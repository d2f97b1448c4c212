/** The fault that ends a stream: what the provider reported, or that it left its protocol. */
import { Fault } from '../../model/fault.ts'

/** A Fault of the provider stays itself; any other error was met while its event was read. */
export function asProviderFault(error: unknown): Fault {
  if (error instanceof Fault && error.code !== 'invalid_request') return error
  const detail = error instanceof Error ? error.message : 'unknown'
  return new Fault('provider_malformed', `The provider sent an event that is not of its protocol: ${detail}`, {
    cause: error,
  })
}
