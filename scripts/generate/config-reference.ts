/** Writes `docs/configuration.md`: every key with type, default and meaning, from the schemas that check it. */
import { z } from 'zod'
import { environmentVariables } from '../../src/config/environment.ts'
import { driverFields, providerFields } from '../../src/config/provider-schema.ts'
import type { DriverRegistry } from '../../src/config/types.ts'
import { examples, overview } from './config-examples.ts'
import { configJsonSchema, toJsonSchema } from './config-schema.ts'
import type { JsonSchema } from './config-schema.ts'

const introduction = `# Configuration

<!-- Written by \`npm run generate\` from the schemas in \`src/config\`. Do not edit. -->

Sluicegate reads one YAML file: the one named with \`--config\`, or by the environment variable \`SLUICEGATE_CONFIG\`, or
\`sluicegate.yaml\` in the working directory. Without a file it takes its configuration [from the environment](#environment).
Nothing but what is listed here is accepted: an unknown key is refused, with its line and the nearest key that exists.
Editors check the file against [\`config.schema.json\`](../config.schema.json).`

const interpolation = `## Environment variables in values

\`\${NAME}\` in text stands for an environment variable, \`\${NAME:-default}\` gives a default for one that is not set or empty, and
\`$\${\` writes a literal \`\${\`. A variable that is not set and has no default is an error. Inside \`{ }\` and \`[ ]\` such text needs
quotes. Messages never show what came from a variable.`

/** The kinds of value that the tables name, by the ids of their schemas, as headings link to them. */
const kindNames: Readonly<Record<string, string>> = {
  duration: 'duration',
  positive_duration: 'duration above 0',
  retention: 'duration of any length',
  size: 'size',
  rate_limit: 'rate limit',
  usd: 'US dollars',
  usd_per_call: 'US dollars per call',
  moment: 'date',
  rate: 'rate',
  prices: 'prices',
  condition: 'condition',
}

export function configReference(registry: DriverRegistry): string {
  const schema = configJsonSchema(registry)
  const definitions = schema.$defs ?? {}
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const extra = name === 'providers' ? driverTables(registry) : name === 'routers' ? strategyTable(registry) : []
    const example = examples[name]
    const rows = configRows(name, section, definitions)
    return [
      `## ${name}`,
      section.description ?? '',
      ...(example === undefined ? [] : [yaml(example)]),
      ...(rows.length === 0 ? [] : [table(['Key', 'Type', 'Default', 'Meaning'], rows)]),
      ...extra,
    ].join('\n\n')
  })
  return `${[introduction, yaml(overview), kinds(definitions), interpolation, environment(registry), ...sections].join('\n\n')}\n`
}

/** One row (key, type, default, meaning) for each key of a section; what a provider's driver adds stands in a table of its own. */
function configRows(name: string, section: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): string[][] {
  const common = name === 'providers' ? toJsonSchema(z.record(z.string(), providerFields)) : section
  return new Table({ ...definitions, ...common.$defs }).walk(name, common)
}

/** The keys of the configuration as the reference names them: `keys[].limits.requests`. */
export function configKeys(registry: DriverRegistry): { key: string; described: boolean }[] {
  const schema = configJsonSchema(registry)
  const tables = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, section]) =>
      configRows(name, section, schema.$defs ?? {}),
    ),
    ...registry.providers.flatMap((driver) => ownRows(driverFields(driver))),
    ...registry.strategies.flatMap((strategy) => [...ownRows(strategy.options), ...ownRows(strategy.targetOptions)]),
  ]
  return tables.map(([key = '', , , meaning = '']) => ({ key: key.replaceAll('`', ''), described: meaning !== '' }))
}

function ownRows(type: z.ZodType): string[][] {
  const schema = toJsonSchema(type)
  return new Table(schema.$defs ?? {}).walk('', schema)
}

const yaml = (text: string): string => `\`\`\`yaml config\n${text}\n\`\`\``

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function kinds(definitions: Readonly<Record<string, JsonSchema>>): string {
  const rows = Object.entries(kindNames).flatMap(([id, name]) => {
    const about = definitions[id]?.description
    return about === undefined ? [] : [[name, about.replace(/^An? [^:(]*: /, '')]]
  })
  return `## Kinds of value\n\n${table(['Type', 'How it is written'], rows)}\n\nNumbers and \`true\` or \`false\` may stand in quotes.`
}

function environment(registry: DriverRegistry): string {
  const rows = environmentVariables.map(({ name, about, besideFile }) => [
    `\`${name}\``,
    about,
    besideFile ? 'yes' : 'no',
  ])
  const drivers = registry.providers.flatMap((driver) =>
    driver.env.map((name) => [
      `\`${name}\``,
      driver.optIn === true
        ? `The key of the provider \`${driver.id}\`, which it does not turn on by itself.`
        : `The key of the provider \`${driver.id}\`, which it turns on.`,
      'as its default key',
    ]),
  )
  const fields = registry.providers.flatMap((driver) =>
    (driver.fieldEnv ?? []).flatMap((group) =>
      Object.entries(group).flatMap(([field, variables]) =>
        variables.map((name) => [
          `\`${name}\``,
          `\`${field}\` of the provider \`${driver.id}\`, where its configuration sets none of the fields that belong together.`,
          'as a default',
        ]),
      ),
    ),
  )
  return [
    '## Environment',
    'With no file, every provider whose variable is set is on, and so is the simulator `sim`. With a file, the file alone says which ' +
      'providers there are, and the variables marked “yes” fill in what it leaves open.',
    table(['Variable', 'Meaning', 'Counts beside a file'], [...rows, ...drivers, ...fields]),
  ].join('\n\n')
}

function driverTables(registry: DriverRegistry): string[] {
  const about =
    'Which services there are, in which protocols they are asked and where to get a key stands in [Providers](providers.md). The fields ' +
    'that each adds:'
  const tables = registry.providers.map((driver) => {
    const rows = ownRows(driverFields(driver))
    const key = driver.env.length === 0 ? '' : ` Its key is usually in \`${driver.env.join('` or `')}\`.`
    const keyless = driver.keyless === true ? ' It can do without credentials.' : ''
    return [
      `### use: ${driver.id}`,
      `${driver.title}.${key}${keyless}`,
      ...(rows.length === 0 ? [] : [table(['Key', 'Type', 'Default', 'Meaning'], rows)]),
    ].join('\n\n')
  })
  return [about, ...tables]
}

function strategyTable(registry: DriverRegistry): string[] {
  return registry.strategies.map((strategy) => {
    const own = ownRows(strategy.options)
    const rows = ownRows(strategy.targetOptions)
    const others = strategy.alsoCalled ?? []
    return [
      `### strategy: ${strategy.id}`,
      `${strategy.about}${others.length === 0 ? '' : ` Also called \`${others.join('`, `')}\`.`}`,
      ...(own.length === 0 ? [] : ['Options of the router:', table(['Key', 'Type', 'Default', 'Meaning'], own)]),
      ...(rows.length === 0 ? [] : ['Options of a target:', table(['Key', 'Type', 'Default', 'Meaning'], rows)]),
    ].join('\n\n')
  })
}

/** Walks a schema and gives one row per key. */
class Table {
  readonly #definitions: Readonly<Record<string, JsonSchema>>
  /** Ids of the schemas that are being told. */
  readonly #within: string[] = []

  constructor(definitions: Readonly<Record<string, JsonSchema>>) {
    this.#definitions = definitions
  }

  walk(path: string, schema: JsonSchema): string[][] {
    // What may hold another of its kind is told once.
    const id = refId(schema)
    if (id !== undefined && this.#within.includes(id)) return []
    if (id !== undefined) this.#within.push(id)
    const rows = this.#walk(path, schema)
    if (id !== undefined) this.#within.pop()
    return rows
  }

  #walk(path: string, schema: JsonSchema): string[][] {
    const rows: string[][] = []
    const shape = this.#shape(schema)
    for (const [name, member] of Object.entries(shape.properties ?? {})) {
      const inner = path === '' ? name : `${path}.${name}`
      const nested = isKind(member) ? [] : this.walk(inner, member)
      const required = shape.required?.includes(name) === true
      if (nested.length === 0 || !isPlainMap(this.#shape(member))) {
        rows.push([
          `\`${inner}\``,
          this.#type(member),
          defaultOf(member, required),
          member.description ?? this.#shape(member).description ?? '',
        ])
      }
      rows.push(...nested)
    }
    for (const [suffix, element] of this.#elements(schema)) {
      // Prices have a section of their own, where their keys are told; other sections name the kind.
      if (!isKind(element) || path === 'prices') rows.push(...this.walk(`${path}${suffix}`, element))
    }
    return rows
  }

  /** What a list or an open map holds, with how its place is written. */
  #elements(schema: JsonSchema): [string, JsonSchema][] {
    const shape = this.#shape(schema)
    const branches = [shape, ...(shape.anyOf ?? [])]
    const open = branches.flatMap((named): [string, JsonSchema][] => {
      const branch = this.#shape(named)
      return [
        ...(branch.items === undefined ? [] : ([['[]', branch.items]] as [string, JsonSchema][])),
        ...(typeof branch.additionalProperties === 'object'
          ? ([['.NAME', branch.additionalProperties]] as [string, JsonSchema][])
          : []),
        ...(branch !== shape && branch.properties !== undefined ? ([['', named]] as [string, JsonSchema][]) : []),
      ]
    })
    // A single map where a list would do has the same keys; they are listed once.
    return open.some(([suffix]) => suffix === '[]') ? open.filter(([suffix]) => suffix !== '') : open
  }

  #shape(schema: JsonSchema): JsonSchema {
    const id = refId(schema)
    return id === undefined ? schema : (this.#definitions[id] ?? schema)
  }

  #type(schema: JsonSchema): string {
    const id = refId(schema)
    if (id !== undefined)
      return kindNames[id] ?? (id === 'flag' ? 'true or false' : this.#type(this.#definitions[id] ?? {}))
    if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
    if (schema.anyOf !== undefined) {
      const names = schema.anyOf.filter((branch) => branch.type !== 'null').map((branch) => this.#type(branch))
      return [...new Set(names)].join(' or ')
    }
    if (schema.items !== undefined) return `list of ${this.#type(schema.items)}`
    if (schema.properties !== undefined) return 'map'
    if (schema.type === 'object') {
      return typeof schema.additionalProperties === 'object'
        ? `map of ${this.#type(schema.additionalProperties)}`
        : 'map'
    }
    if (Array.isArray(schema.type) && schema.type.includes('integer')) {
      const { minimum = 0, maximum } = schema
      if (maximum !== undefined) return `whole number, ${minimum} to ${maximum}`
      return minimum > 0 ? `whole number from ${minimum}` : 'whole number'
    }
    return schema.type === 'string'
      ? 'text'
      : schema.type === 'boolean'
        ? 'true or false'
        : String(schema.type ?? 'any')
  }
}

const refId = (schema: JsonSchema): string | undefined => schema.$ref?.replace(/^#\/\$defs\//, '')

/** The page explains the kind once, so its inside is not told at every key. */
const isKind = (schema: JsonSchema): boolean => (refId(schema) ?? '') in kindNames

const isPlainMap = (schema: JsonSchema): boolean => schema.properties !== undefined

function defaultOf(schema: JsonSchema, required: boolean): string {
  if (schema.default !== undefined)
    return `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``
  return required ? '(required)' : ''
}
