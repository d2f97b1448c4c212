/**
 * The end of a JSON string by vector instructions, for documents that are large enough to be worth copying into the little program's
 * own memory. Scanning a long prompt this way costs a fifth of what it costs in JavaScript, and long prompts are most of the bytes.
 */
import type { ByteRope } from './byte-rope.ts'
import { stringEnd } from './string-end.gen.ts'

/** Documents from here on are copied; below it the copy costs what it saves. */
const smallest = 8 * 1024
/** Documents beyond this are scanned in JavaScript: the memory would be kept for ever. */
const largest = 4 << 20
const pageBytes = 65_536
/** The program reads so far beyond the end. */
const padding = 64

// Declared in the DOM's types alone, which have no place here.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object
    Instance: new (module: object) => { readonly exports: unknown }
  }
}

interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  find(from: number, limit: number): number
}

let program: Program | undefined
let view = Buffer.alloc(0)

/** Whether `loadDocument` takes it. */
export const isWorthLoading = (length: number): boolean => length >= smallest && length <= largest

/**
 * Copies the document in and returns a view of the copy, in one piece whatever the original is in. It stays until the next one: scans
 * are synchronous and never interleave.
 */
export function loadDocument(document: ByteRope): Buffer {
  program ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(stringEnd, 'base64'))).exports as Program
  const { memory } = program
  const { length } = document
  const missing = length + padding - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  if (view.buffer !== memory.buffer) view = Buffer.from(memory.buffer)
  document.copyTo(view)
  view.fill(0, length, length + padding)
  return view.subarray(0, length)
}

/**
 * The offset after the closing quote of the string that `from` is inside of, in the loaded document of so many bytes; -1 when it has a
 * control character or a wrong escape, or does not end.
 */
export function findStringEnd(from: number, length: number): number {
  return program?.find(from, length) ?? -1
}
