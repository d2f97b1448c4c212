/** Whose request it is, by its address: that of the connection, or what proxies that are trusted say of who is behind them. */
import { BlockList, isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'

export type ClientAddress = (request: {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}) => string | undefined

/** `trusted`: networks in CIDR notation. */
export function clientAddressBehind(trusted: readonly string[]): ClientAddress {
  const proxies = new BlockList()
  for (const network of trusted) {
    const [address = '', prefix = ''] = network.split('/')
    proxies.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  const isProxy = (address: string): boolean => {
    const family = isIP(address)
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
  return ({ headers, socket }) => {
    let address = plain(socket.remoteAddress)
    if (address === undefined || trusted.length === 0 || !isProxy(address)) return address
    // Each proxy adds whom it heard at the end: what stands before the first that is not trusted may be made up.
    const hops = String(headers['x-forwarded-for'] ?? '').split(',')
    for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
      const told = plain(hop.trim())
      if (told === undefined) return address
      address = told
      if (!isProxy(address)) return address
    }
    return address
  }
}

/** Without the port that some proxies add; IPv4 as itself. Undefined for what is no address. */
function plain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
  return isIP(mapped) === 0 ? undefined : mapped
}
