/** Leaves out what is undefined, as optional members of the model must be. */

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

export function defined<T extends object>(members: T): Defined<T> {
  const kept = {} as Record<string, unknown>
  for (const [key, value] of Object.entries(members)) if (value !== undefined) kept[key] = value
  return kept as Defined<T>
}
