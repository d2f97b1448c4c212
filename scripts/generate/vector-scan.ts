/** Compiles `src/bytes/vector-scan.wat` into a module that carries the program as text, so that it needs no file beside the bundle. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import wabt from 'wabt'

/** `root` is the folder that holds `src`. Returns the text of `src/bytes/vector-scan.gen.ts`. */
export async function vectorScanModule(root: string): Promise<string> {
  const path = 'src/bytes/vector-scan.wat'
  const compiler = await wabt()
  const module = compiler.parseWat(path, readFileSync(join(root, path), 'utf8'), { simd: true })
  const { buffer } = module.toBinary({})
  module.destroy()
  return [
    '/** `vector-scan.wat` as WebAssembly in base64, written by `npm run generate`. Do not edit. */',
    `export const vectorScan =\n  '${Buffer.from(buffer).toString('base64')}'`,
    '',
  ].join('\n')
}
