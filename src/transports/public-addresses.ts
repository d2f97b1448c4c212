/**
 * Which addresses the gateway may connect to on a client's word: public ones alone, or whoever can name a URL reaches what stands
 * behind the gateway (cloud metadata, databases, the gateway itself). Ranges: IANA's special-purpose registries,
 * https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry.
 */
import { BlockList, isIP } from 'node:net'
import type { PermitAddress } from './permitted-lookup.ts'

const specialIpv4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Of IPv6 only global unicast is public, and not all of it: 6to4 and the like carry IPv4 addresses inside. */
const specialIpv6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const special = new BlockList()
for (const [network, prefix] of specialIpv4) special.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of specialIpv6) special.addSubnet(network, prefix, 'ipv6')
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** The IPv4 address that an IPv6 address stands for, if so: `::ffff:10.0.0.1`, in either spelling. */
function mappedIpv4(address: string): string | undefined {
  const tail = /^(?:0*:)*:?ffff:(?:0:)?([0-9a-f.:]+)$/i.exec(address)?.[1]
  if (tail === undefined) return undefined
  if (isIP(tail) === 4) return tail
  const halves = tail.split(':').map((half) => Number.parseInt(half, 16))
  const [high, low] = halves
  if (halves.length !== 2 || high === undefined || low === undefined) return undefined
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function isPublic(address: string, family: number): boolean {
  if (family === 4) return !special.check(address, 'ipv4')
  return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** `allowed`: networks (`10.1.0.0/16`, `::1/128`) that may be reached all the same. */
export function publicAddresses(allowed: readonly string[] = []): PermitAddress {
  const exceptions = new BlockList()
  for (const cidr of allowed) {
    const [network = '', prefix = ''] = cidr.split('/')
    exceptions.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4')
  }
  return (given, givenFamily) => {
    const bare = given.replace(/%.*$/, '')
    const mapped = givenFamily === 6 ? mappedIpv4(bare) : undefined
    const address = mapped ?? bare
    const family = mapped === undefined ? givenFamily : 4
    return isPublic(address, family) || exceptions.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}
