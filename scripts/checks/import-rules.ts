/**
 * Who may import whom. The house has one direction, from the composition root down to the bytes, and drivers that do not know
 * each other; `docs/architecture.md` tells why.
 */

/** Folders of drivers below `src/`: each file or folder directly in them is one driver. */
const families = ['dialects', 'providers', 'routing', 'guardrails', 'caches', 'sinks'] as const

export interface Area {
  /** `model`, `pipeline`, …; all drivers of a family share it. */
  readonly name: string
  /** Which driver of the family. */
  readonly driver?: string
}

/** The area of a path below `src/`; undefined when it belongs to none. */
export function areaOf(path: string): Area | undefined {
  const [folder = '', ...rest] = path.split('/')
  const unit = (step: string | undefined): string => (step ?? '').replace(/(\.test)?\.ts$/, '')
  if (rest.length === 0) {
    // What stands beside app.ts is a part of the composition root.
    return { name: unit(folder) === 'builtins.gen' ? 'builtins.gen' : 'app' }
  }
  if (folder === 'stores') {
    if (rest.length === 1) return { name: 'stores' }
    if (rest[0] === 'drivers') return { name: 'store drivers', driver: unit(rest[1]) }
    return rest[0] === 'journal' ? { name: 'journal' } : undefined
  }
  if (isTesting(path)) return { name: 'kernel/testing' }
  if (path === 'config/types.ts') return { name: 'settings' }
  if ((families as readonly string[]).includes(folder)) return { name: folder, driver: unit(rest[0]) }
  return folder in allowed ? { name: folder } : undefined
}

const ground = ['kernel', 'model', 'bytes']
const driverGround = [...ground, 'stores']

/** Area → the areas it may import, beside itself (beside the same driver, for drivers). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  model: [],
  kernel: ['model', 'bytes'],
  // Conformance kits: one for each contract, the ports of the stores included.
  'kernel/testing': [...ground, 'stores'],
  ...Object.fromEntries(families.map((family) => [family, driverGround])),
  transports: ground,
  stores: ground,
  'store drivers': driverGround,
  journal: driverGround,
  // The resolved configuration is a contract of types: whoever compiles or obeys it may see it, but not how it is read.
  settings: ground,
  config: [...ground, 'settings'],
  pipeline: [...ground, 'stores', 'settings'],
  control: [...ground, 'stores', 'journal', 'pipeline', 'config', 'settings'],
  http: [...ground, 'stores', 'pipeline', 'control', 'settings'],
  // Commands look into the database beside a running gateway, and start the simulator without one.
  cli: [
    ...ground,
    'providers',
    'stores',
    'store drivers',
    'journal',
    'pipeline',
    'control',
    'config',
    'settings',
    'http',
    'app',
    'builtins.gen',
  ],
  app: [
    ...ground,
    ...families,
    'transports',
    'stores',
    'store drivers',
    'journal',
    'pipeline',
    'control',
    'config',
    'settings',
    'http',
    'builtins.gen',
  ],
  'builtins.gen': families,
}

/** Why one area must not import another, or undefined when it may. */
export function forbidden(from: Area, to: Area): string | undefined {
  if (from.name === to.name) {
    if (from.driver === undefined || from.driver === to.driver) return undefined
    return `${from.name}/${from.driver} must not import its sibling ${to.name}/${to.driver ?? ''}`
  }
  return allowed[from.name]?.includes(to.name) === true ? undefined : `${from.name} must not import ${to.name}`
}

/** Names that say nothing about what is inside. */
const emptyNames = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'manager',
  'managers',
  'misc',
  'shared',
  'lib',
])

/** A folder or file name in the path that says nothing. */
export function emptyName(path: string): string | undefined {
  return path
    .split('/')
    .map((step) => step.replace(/\..*$/, ''))
    .find((step) => emptyNames.has(step))
}

/** Tests, and what they alone use. */
export const isTest = (path: string): boolean => /(?:\.test|\.fixture)\.ts$|\/fixtures?-[^/]*\.ts$/.test(path)
export const isTesting = (path: string): boolean => path.startsWith('kernel/testing/')
