/**
 * Name resolution that knows which addresses may be connected to. The check stands between DNS and the socket, so a name that
 * resolves to a forbidden address is refused however it is spelled and whatever it resolved to before.
 */
import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { refusedAddressCode } from './transport-failure.ts'

/** Whether a connection to this IP address may be made. */
export type PermitAddress = (address: string, family: number) => boolean

export type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void

export function refusedAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`connections to ${hostname} are not permitted`), { code: refusedAddressCode })
}

export function permittedLookup(permit: PermitAddress, resolve: typeof systemLookup = systemLookup): Lookup {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const permitted = addresses.filter(({ address, family }) => permit(address, family))
      const [first] = permitted
      if (first === undefined) return callback(refusedAddress(hostname), [])
      if (options.all === true) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}
