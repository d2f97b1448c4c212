/** Draws pictures: a pattern of coloured squares that is always the same for the same number, as a real PNG file of any size. */
import { crc32, deflateSync } from 'node:zlib'
import { seeded } from './seeded.ts'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Squares in a row, and in a column. */
const squares = 8
const bitsPerPixel = 4
const colours = 1 << bitsPerPixel

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly seed: number
  /** Share of it that is there already; the rest is grey. */
  readonly done: number
  /** The grey, and one of the colours, can be seen through. */
  readonly transparent: boolean
}

/** An indexed picture (PNG, third edition: https://www.w3.org/TR/png-3/): one row of squares is drawn, and said again for each line of it. */
export function drawPng({ width, height, seed, done, transparent }: Drawing): Buffer {
  const draw = seeded(seed)
  const palette = Buffer.alloc(colours * 3, 0x80)
  for (let at = 3; at < palette.length; at += 1) palette[at] = Math.floor(draw() * 256)
  const grid = Array.from({ length: squares * squares }, () => 1 + Math.floor(draw() * (colours - 1)))
  const rowLength = 1 + Math.ceil((width * bitsPerPixel) / 8)
  const pixels = Buffer.alloc(rowLength * height)
  let last = -1
  for (let y = 0; y < height; y += 1) {
    const band = y < done * height ? Math.floor((y * squares) / height) : squares
    const row = pixels.subarray(y * rowLength, (y + 1) * rowLength)
    if (band === last) pixels.copyWithin(y * rowLength, (y - 1) * rowLength, y * rowLength)
    else if (band < squares) paint(row, grid.slice(band * squares, (band + 1) * squares), width)
    last = band
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([bitsPerPixel, 3, 0, 0, 0], 8)
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    ...(transparent ? [chunk('tRNS', Buffer.from([0, 0]))] : []),
    chunk('IDAT', deflateSync(pixels, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The first byte is the filter of the row: none. */
function paint(row: Buffer, colourOf: readonly number[], width: number): void {
  for (let x = 0; x < width; x += 1) {
    const colour = colourOf[Math.floor((x * squares) / width)] ?? 0
    const at = 1 + (x >> 1)
    row[at] = x % 2 === 0 ? colour << bitsPerPixel : (row[at] ?? 0) | colour
  }
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}
