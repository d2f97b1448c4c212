/** Puts environment variables into text: `${NAME}`, `${NAME:-default}`; `$${` stands for a literal `${`. */

export type Environment = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  readonly text: string
  /** Something was put in, so the text may hold a secret. */
  readonly changed: boolean
  /** Variables that are not set and have no default. */
  readonly missing: readonly string[]
  /** Offsets where `${` does not begin a well-formed reference; a default holds none. */
  readonly malformed: readonly number[]
}

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[^}])*))?\}|\$\{/g

/** As in a shell, `:-` also stands in for a variable that is set but empty. */
export function interpolate(text: string, env: Environment): Interpolated {
  const missing: string[] = []
  const malformed: number[] = []
  let changed = false
  const result = text.replace(
    reference,
    (match, name: string | undefined, fallback: string | undefined, offset: number) => {
      if (match === '$${') return '${'
      if (name === undefined) {
        malformed.push(offset)
        return match
      }
      changed = true
      const value = env[name]
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
      if (value === undefined) missing.push(name)
      return value ?? ''
    },
  )
  return { text: result, changed, missing, malformed }
}
