/**
 * The ends of JSON strings and of lists of numbers by vector instructions, for documents that are large enough to be worth copying into
 * the little program's own memory. Long prompts and vectors are most of the bytes that pass, and to scan them this way costs a fifth of
 * what it costs in JavaScript.
 */
import type { ByteRope } from './byte-rope.ts'
import { vectorScan } from './vector-scan.gen.ts'

/** Documents from here on are copied; below it the copy costs what it saves. */
const smallest = 8 * 1024
/** Memory up to this is kept for ever. What longer documents need lasts until it is collected, and may be used again until then. */
const kept = 4 << 20
/** Documents beyond this are scanned in JavaScript. */
const largest = 64 << 20
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
  numbers(from: number): number
  commas(): number
}

/** A program and its memory. */
interface Loader {
  readonly program: Program
  view: Buffer
}

let usual: Loader | undefined
let spacious: WeakRef<Loader> | undefined
/** That which has the document. */
let current: Loader | undefined

/** Whether `loadDocument` takes it. */
export const isWorthLoading = (length: number): boolean => length >= smallest && length <= largest

/**
 * Copies the document in and returns a view of the copy, in one piece whatever the original is in. It stays until the next one, or until
 * `unloadDocument`: scans are synchronous and never interleave.
 */
export function loadDocument(document: ByteRope): Buffer {
  const { length } = document
  const loader = length <= kept ? (usual ??= newLoader()) : (spacious?.deref() ?? newLoader())
  if (length > kept) spacious = new WeakRef(loader)
  current = loader
  const { memory } = loader.program
  const missing = length + padding - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  if (loader.view.buffer !== memory.buffer) loader.view = Buffer.from(memory.buffer)
  document.copyTo(loader.view)
  loader.view.fill(0, length, length + padding)
  return loader.view.subarray(0, length)
}

/** The document is not needed any more. */
export function unloadDocument(): void {
  current = undefined
}

function newLoader(): Loader {
  const module = new WebAssembly.Module(Buffer.from(vectorScan, 'base64'))
  return { program: new WebAssembly.Instance(module).exports as Program, view: Buffer.alloc(0) }
}

/**
 * The offset after the closing quote of the string that `from` is inside of, in the loaded document of so many bytes; -1 when it has a
 * control character or a wrong escape, or does not end.
 */
export function findStringEnd(from: number, length: number): number {
  return current?.program.find(from, length) ?? -1
}

/**
 * From the beginning of a number in a list, where that number begins that the program does not go beyond: the last, one with an exponent,
 * or one that is none. All before it are well formed and have a comma behind them.
 */
export function skipNumbers(from: number): number {
  return current?.program.numbers(from) ?? from
}

/** How many commas `skipNumbers` has passed the last time. */
export function commasSkipped(): number {
  return current?.program.commas() ?? 0
}
