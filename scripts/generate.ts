/**
 * Writes what is made from the source: the list of built-in drivers, the JSON Schema of the configuration, and the reference pages.
 * With `--check` it writes nothing and fails when one of them is not current.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onlyChat } from '../test/golden/exercise.ts'
import { report } from './checks/finding.ts'
import type { Finding } from './checks/finding.ts'
import { scanBuiltins } from './generate/builtins.ts'
import { configReference } from './generate/config-reference.ts'
import { configJsonSchema } from './generate/config-schema.ts'
import { faultReference } from './generate/fault-reference.ts'
import { nameReference } from './generate/name-reference.ts'
import { providerReference } from './generate/provider-reference.ts'
import { vectorScanModule } from './generate/vector-scan.ts'
import { translationReference } from './generate/translation-reference.ts'

/** Path relative to `root` → text. */
export async function generate(root: string): Promise<Map<string, string>> {
  const builtins = await scanBuiltins(root)
  return new Map([
    ['src/builtins.gen.ts', builtins.source],
    ['config.schema.json', `${JSON.stringify(configJsonSchema(builtins), null, 2)}\n`],
    ['docs/configuration.md', configReference(builtins)],
    ['docs/faults.md', faultReference()],
    ['docs/model-names.md', nameReference()],
    ['docs/providers.md', await providerReference(builtins)],
    ['docs/translation.md', await translationReference(onlyChat(builtins.dialects))],
    ['src/bytes/vector-scan.gen.ts', await vectorScanModule(root)],
  ])
}

/** The files that are not what `generate` would write. */
export function findStale(root: string, files: ReadonlyMap<string, string>): Finding[] {
  return [...files].flatMap(([file, text]) => {
    const current = readOptional(join(root, file))
    if (current === text) return []
    const line = (current ?? '').split('\n').findIndex((existing, index) => existing !== text.split('\n')[index]) + 1
    return [
      {
        file,
        line: Math.max(line, 1),
        message:
          current === undefined ? 'is missing: run `npm run generate`' : 'is not current: run `npm run generate`',
      },
    ]
  })
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = await generate(root)
  const stale = findStale(root, files)
  if (process.argv.includes('--check')) report('generated files', stale)
  else {
    for (const { file } of stale) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), files.get(file) ?? '')
      console.log(`wrote ${file}`)
    }
  }
}
