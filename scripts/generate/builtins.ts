/**
 * Finds the built-in drivers and writes the list of them. Each file or folder in a family's folder is one driver (or several, told
 * by what it exports): every exported object with an `id` and the members that its contract asks for.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DriverRegistry } from '../../src/config/types.ts'
import type { Dialect } from '../../src/kernel/dialect.ts'
import type { Provider } from '../../src/kernel/provider.ts'
import type { Strategy } from '../../src/kernel/strategy.ts'

interface Family {
  readonly folder: string
  readonly list: string
  /** Members that tell a driver of the family from anything else that a file exports. */
  readonly members: readonly string[]
}

const families: readonly Family[] = [
  { folder: 'dialects', list: 'dialects', members: ['operation', 'request', 'response', 'fault'] },
  { folder: 'providers', list: 'providers', members: ['offers', 'config', 'sign'] },
  { folder: 'routing', list: 'strategies', members: ['compile', 'targetOptions'] },
]

interface Driver {
  readonly id: string
  readonly exportName: string
  /** Relative to `src`. */
  readonly path: string
  readonly value: unknown
}

export interface Builtins extends DriverRegistry {
  readonly dialects: readonly Dialect<never, never, never>[]
  /** The text of `src/builtins.gen.ts`. */
  readonly source: string
}

/** `root` is the folder that holds `src`. Throws an Error for a file without a driver and for an id used twice. */
export async function scanBuiltins(root: string): Promise<Builtins> {
  const found = new Map<string, Driver[]>()
  for (const family of families) {
    const drivers: Driver[] = []
    for (const path of driverFiles(root, family.folder)) drivers.push(...(await driversIn(root, path, family)))
    drivers.sort((a, b) => (a.id < b.id ? -1 : 1))
    const twice = drivers.find((driver, index) => driver.id === drivers[index + 1]?.id)
    if (twice !== undefined) throw new Error(`src/${family.folder}: two drivers have the id ${twice.id}`)
    found.set(family.list, drivers)
  }
  const values = (list: string): unknown[] => (found.get(list) ?? []).map((driver) => driver.value)
  return {
    dialects: values('dialects') as Dialect<never, never, never>[],
    providers: values('providers') as Provider[],
    strategies: values('strategies') as Strategy[],
    source: sourceOf(found),
  }
}

function driverFiles(root: string, folder: string): string[] {
  const absolute = join(root, 'src', folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isDirectory())
        return existsSync(join(absolute, entry.name, 'index.ts')) ? [`${folder}/${entry.name}/index.ts`] : []
      return /\.(?:test|fixture)\.ts$/.test(entry.name) || !entry.name.endsWith('.ts')
        ? []
        : [`${folder}/${entry.name}`]
    })
    .sort()
}

async function driversIn(root: string, path: string, family: Family): Promise<Driver[]> {
  const module = (await import(pathToFileURL(join(root, 'src', path)).href)) as Record<string, unknown>
  const drivers = Object.entries(module).flatMap(([exportName, value]): Driver[] => {
    if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return []
    const complete = family.members.every((member) => member in value)
    return complete ? [{ id: value.id, exportName, path, value }] : []
  })
  if (drivers.length === 0) throw new Error(`src/${path}: exports no object with id, ${family.members.join(', ')}`)
  return drivers
}

function sourceOf(found: ReadonlyMap<string, readonly Driver[]>): string {
  const all = [...found.values()].flat()
  // A service and its protocol may well have one name: both then say which of the two they are.
  const isShared = (name: string): boolean => new Set(all.filter(named(name)).map(({ path }) => path)).size > 1
  const local = ({ exportName, path }: Driver): string =>
    isShared(exportName) ? `${exportName}${kindOf(path)}` : exportName
  const imports = [...new Set(all.map((driver) => driver.path))].sort().map((path) => {
    const names = all
      .filter((driver) => driver.path === path)
      .map((driver) =>
        local(driver) === driver.exportName ? driver.exportName : `${driver.exportName} as ${local(driver)}`,
      )
      .sort()
    return `import { ${names.join(', ')} } from './${path}'`
  })
  const lists = [...found].map(
    ([list, drivers]) => `export const ${list} = [${drivers.map((driver) => local(driver)).join(', ')}]`,
  )
  return [
    '/** The built-in drivers, written by `npm run generate` from the folders of each family. Do not edit. */',
    ...imports,
    '',
    lists.join('\n\n'),
    '',
  ].join('\n')
}

const named =
  (name: string) =>
  ({ exportName }: Driver): boolean =>
    exportName === name

/** `Dialect` of `dialects/…`. */
function kindOf(path: string): string {
  const family = path.split('/')[0] ?? ''
  return `${family.charAt(0).toUpperCase()}${family.slice(1).replace(/s$/, '')}`
}
