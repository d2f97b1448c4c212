/** Only public addresses may be reached on a client's word, however an address is spelled. */
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publicAddresses } from './public-addresses.ts'

const permit = publicAddresses()
const asked = (address: string): boolean => permit(address, isIP(address))
const octet = fc.integer({ min: 0, max: 255 })

describe('addresses that may be reached', () => {
  it.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1::1', '2a00:1450:4001::200e'])('%s', (address) => {
    expect(asked(address)).toBe(true)
  })

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::127.0.0.1',
  ])('not %s', (address) => {
    expect(permit(address, address.includes(':') ? 6 : 4)).toBe(false)
  })

  it('are the same whether an IPv4 address is written as such or inside IPv6', () => {
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const hex = (high: number, low: number): string => ((high << 8) | low).toString(16)
        const plain = permit(`${a}.${b}.${c}.${d}`, 4)
        expect(permit(`::ffff:${a}.${b}.${c}.${d}`, 6)).toBe(plain)
        expect(permit(`::ffff:${hex(a, b)}:${hex(c, d)}`, 6)).toBe(plain)
      }),
    )
  })

  it('include networks that the configuration names, and no more', () => {
    const wider = publicAddresses(['10.1.0.0/16', 'fd00::/8'])
    expect(wider('10.1.255.1', 4)).toBe(true)
    expect(wider('::ffff:10.1.255.1', 6)).toBe(true)
    expect(wider('10.2.0.1', 4)).toBe(false)
    expect(wider('fd12::1', 6)).toBe(true)
    expect(wider('fe80::1', 6)).toBe(false)
  })
})
