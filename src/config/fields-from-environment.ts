/** What a driver's usual environment variables say of its own fields, such as a region. */
import type { Provider, ProviderConfig } from '../kernel/provider.ts'
import type { Environment } from './interpolate.ts'
import { driverFields } from './provider-schema.ts'

/** The driver's own fields, under the same condition. Fields of a group belong together: one from here would spoil the others. */
export function fieldsFromEnvironment(
  driver: Provider,
  entry: Readonly<Record<string, unknown>>,
  env: Environment,
): Readonly<Record<string, string>> {
  if (entry['base_url'] !== undefined) return {}
  const found: Record<string, string> = {}
  for (const group of driver.fieldEnv ?? []) {
    if (Object.keys(group).some((field) => entry[field] !== undefined)) continue
    for (const [field, variables] of Object.entries(group)) {
      const value = firstSet(variables, env)
      if (value !== undefined) found[field] = value
    }
  }
  return found
}

/** Whether a driver has all that it needs from its variables, so that it can be on without being configured. */
export function standsByItself(driver: Provider, env: Environment): boolean {
  const options = driverFields(driver).safeParse(fieldsFromEnvironment(driver, {}, env))
  return options.success && (driver.problems?.(options.data as ProviderConfig) ?? []).length === 0
}

export function firstSet(variables: readonly string[], env: Environment): string | undefined {
  return variables.map((variable) => env[variable]?.trim()).find((value) => value !== undefined && value !== '')
}
