/** The JSON Schema of the configuration file, with the fields that the built-in drivers add, for editors and for the reference. */
import { z } from 'zod'
import { driverFields, providerFields } from '../../src/config/provider-schema.ts'
import { configSchema, routerFields, targetFields } from '../../src/config/schema.ts'
import type { DriverRegistry } from '../../src/config/types.ts'

export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

export function configJsonSchema(registry: DriverRegistry): JsonSchema {
  const provider = z.strictObject({ ...merged(registry.providers.map(driverFields)), ...providerFields.shape })
  const strategy = z
    .enum(registry.strategies.flatMap(({ id, alsoCalled = [] }) => [id, ...alsoCalled]))
    .describe(routerFields.shape.strategy.description ?? '')
  const targetOptions = merged(registry.strategies.map((each) => each.targetOptions))
  const options = merged(registry.strategies.map((each) => each.options))
  const router: z.ZodType = z
    .lazy(() =>
      z.strictObject({
        ...options,
        strategy,
        targets: z
          .array(z.union([z.string(), target, router]))
          .min(1)
          .describe(routerFields.shape.targets.description ?? ''),
        on_unsupported: routerFields.shape.on_unsupported,
        prompt_caching: routerFields.shape.prompt_caching,
      }),
    )
    .meta({ id: 'router' })
  const target = z.strictObject({
    ...targetOptions,
    ...targetFields.shape,
    target: z.union([z.string(), router]).describe(targetFields.shape.target.description ?? ''),
  })
  const shape = configSchema.shape
  const whole = configSchema.extend({
    providers: z
      .record(z.string(), provider.nullable())
      .prefault({})
      .describe(shape.providers.description ?? ''),
    routers: z
      .record(z.string(), router)
      .prefault({})
      .describe(shape.routers.description ?? ''),
  })
  return {
    ...toJsonSchema(whole),
    title: 'Sluicegate configuration',
    description: 'The configuration file of the Sluicegate AI gateway.',
  } as JsonSchema
}

/** Whole numbers may come as text, because environment variables do. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      const bounds: unknown = jsonSchema['integer']
      if (typeof bounds !== 'object' || bounds === null) return
      delete jsonSchema['integer']
      delete jsonSchema.anyOf
      const { minimum, maximum } = bounds as { minimum: number; maximum: number }
      Object.assign(jsonSchema, { type: ['integer', 'string'], minimum })
      if (maximum !== Number.MAX_SAFE_INTEGER) jsonSchema.maximum = maximum
    },
  }) as JsonSchema
}

/** The fields of several drivers side by side; optional, because each belongs to some of them only. */
function merged(schemas: readonly z.ZodType[]): Record<string, z.ZodType> {
  const fields = new Map<string, z.ZodType[]>()
  for (const schema of schemas) {
    if (!(schema instanceof z.ZodObject)) continue
    const shape: Readonly<Record<string, z.ZodType>> = schema.shape
    for (const [name, field] of Object.entries(shape)) {
      const known = fields.get(name) ?? []
      const written = JSON.stringify(toJsonSchema(field))
      if (!known.some((other) => JSON.stringify(toJsonSchema(other)) === written)) fields.set(name, [...known, field])
    }
  }
  return Object.fromEntries(
    [...fields].map(([name, [first = z.unknown(), ...others]]) => {
      const field = others.length === 0 ? first : z.union([first, ...others]).describe(first.description ?? '')
      return [name, field.optional()]
    }),
  )
}
