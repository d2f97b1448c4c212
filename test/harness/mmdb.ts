/** Writes small MaxMind databases, by the description of the format (maxmind.github.io/MaxMind-DB): IPv4 networks, each with coordinates. */

export function mmdbOf(networks: Readonly<Record<string, readonly [latitude: number, longitude: number]>>): Buffer {
  /** Each node has two records: the number of a node, or of an entry below 0, or nothing. */
  const nodes: [number | undefined, number | undefined][] = [[undefined, undefined]]
  const entries = Object.values(networks).map(([latitude, longitude]) =>
    map({ location: map({ latitude: double(latitude), longitude: double(longitude) }) }),
  )
  Object.keys(networks).forEach((network, entry) => {
    const [address = '', prefix = '32'] = network.split('/')
    const bits = address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('')
      .slice(0, Number(prefix))
    let node = 0
    for (const [index, bit] of bits.split('').entries()) {
      const side = bit === '1' ? 1 : 0
      const pair = nodes[node] ?? [undefined, undefined]
      if (index === bits.length - 1) pair[side] = -1 - entry
      else {
        let next = pair[side]
        if (next === undefined || next < 0) {
          next = nodes.push([undefined, undefined]) - 1
          pair[side] = next
        }
        node = next
      }
    }
  })
  const offsets: number[] = []
  let offset = 0
  for (const entry of entries) {
    offsets.push(offset)
    offset += entry.length
  }
  const record = (value: number | undefined): Buffer => {
    const bytes = Buffer.alloc(3)
    bytes.writeUIntBE(
      value === undefined ? nodes.length : value < 0 ? nodes.length + 16 + (offsets[-1 - value] ?? 0) : value,
      0,
      3,
    )
    return bytes
  }
  const metadata = map({
    node_count: unsigned(6, nodes.length),
    record_size: unsigned(5, 24),
    ip_version: unsigned(5, 4),
    database_type: text('Test-City'),
    binary_format_major_version: unsigned(5, 2),
    binary_format_minor_version: unsigned(5, 0),
    languages: Buffer.from([0, 4]),
    build_epoch: Buffer.from([1, 2, 1]),
    description: map({}),
  })
  return Buffer.concat([
    ...nodes.flatMap(([left, right]) => [record(left), record(right)]),
    Buffer.alloc(16),
    ...entries,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    metadata,
  ])
}

const text = (value: string): Buffer => Buffer.concat([Buffer.from([(2 << 5) | value.length]), Buffer.from(value)])

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeUInt8((3 << 5) | 8, 0)
  bytes.writeDoubleBE(value, 1)
  return bytes
}

function unsigned(type: 5 | 6, value: number): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUInt8((type << 5) | 2, 0)
  bytes.writeUInt16BE(value, 1)
  return bytes
}

const map = (members: Readonly<Record<string, Buffer>>): Buffer =>
  Buffer.concat([
    Buffer.from([(7 << 5) | Object.keys(members).length]),
    ...Object.entries(members).flatMap(([name, value]) => [text(name), value]),
  ])
