/**
 * What the many spellings of one model's name have in common. Gateways and clouds write the same model with another maker in front, dots
 * or dashes, regions, versions and dates; two names with one stem mean one model, and a date that is asked for must be the date that is got.
 */
export interface ModelForm {
  readonly stem: string
  /** `20250929`, where the name is of one dated version. */
  readonly date?: string
  /** The name is of whatever version is the latest. */
  readonly latest: boolean
  /** Of the inference profiles of Bedrock: `us`, `eu`, `global`, … */
  readonly geography?: string
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
const geographies = /^(us|eu|apac|au|jp|ca|sa|uk|me|us-gov|global)\.(?=[a-z0-9]+\.)/
/** Bedrock puts the maker before a dot: https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html */
const dottedMaker =
  /^(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshotai|moonshot|nvidia|openai|qwen|stability|twelvelabs|writer|zai)\./
const bedrockVersion = /-v\d+(?::\d+)?$/
const versionedAt = /@(?:default|latest)$/
const date = /[-@](20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$/

export function formOf(name: string): ModelForm {
  let text = name.trim().toLowerCase()
  // `meta-llama/…`, `models/…`, `accounts/fireworks/models/…`, `@cf/meta/…`
  text = text.slice(text.lastIndexOf('/') + 1)
  const geography = geographies.exec(text)?.[1]
  if (geography !== undefined) text = text.slice(geography.length + 1)
  const undotted = text.replace(dottedMaker, '')
  if (undotted !== text) text = undotted.replace(bedrockVersion, '')
  text = text.replace(versionedAt, '')
  const dated = date.exec(text)
  if (dated !== null) text = text.slice(0, dated.index)
  const latest = text.endsWith('-latest')
  if (latest) text = text.slice(0, -'-latest'.length)
  return {
    stem: stemOf(text),
    latest,
    ...(dated !== null && { date: `${dated[1]}${dated[2]}${dated[3]}` }),
    ...(geography !== undefined && { geography }),
  }
}

/** `Llama3.1`, `llama-v3p1` and `llama-3-1` are one, as are `claude-3.5-sonnet` and `claude-sonnet-3-5`. */
function stemOf(text: string): string {
  const plain = text
    .replace(/^meta-(?=llama)/, '')
    .replaceAll(/(\d)p(\d+)(?=$|[-_])/g, '$1-$2')
    .replace(/^llama-v(?=\d)/, 'llama-')
    .replaceAll(/(?<=[a-z]{2})(?=\d)/g, '-')
    .replaceAll(/[-._\s:]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return plain
    .replace(/^claude-(\d+(?:-\d+)?)-(opus|sonnet|haiku)(?=$|-)/, 'claude-$2-$1')
    .replace(/^(claude-(?:opus|sonnet|haiku)-\d+)-0$/, '$1')
    .replace(/^(nova-.+)-v\d+$/, '$1')
    .replace(/^gemini-(pro|flash)-(\d+-\d+)(?=$|-)/, 'gemini-$2-$1')
}

/**
 * The one of `ids`, all of the stem that was asked for, that `asked` means in its own way of writing; undefined where none is, or several are that differ in more than how new
 * they are. `geography` is where a provider prefers its requests to be answered.
 */
export function sameModel(asked: ModelForm, ids: readonly SpelledId[], geography?: string): string | undefined {
  const fitting = ids
    .filter(({ form }) => fits(asked, form))
    .toSorted((a, b) => rank(a.form, asked, geography) - rank(b.form, asked, geography))
  const [best, next] = fitting
  if (best === undefined) return undefined
  const clear = next === undefined || rank(next.form, asked, geography) > rank(best.form, asked, geography)
  return clear || alike(best.id, next.id) ? best.id : undefined
}

export interface SpelledId {
  readonly id: string
  readonly form: ModelForm
}

function fits(asked: ModelForm, form: ModelForm): boolean {
  if (asked.geography !== undefined && asked.geography !== form.geography) return false
  if (asked.date !== undefined) return form.date === asked.date
  return !asked.latest || form.latest || form.date === undefined
}

/** Lower is better: the geography first, then the undated name, the latest, the newest date. */
function rank(form: ModelForm, asked: ModelForm, geography: string | undefined): number {
  const place =
    form.geography === (asked.geography ?? geography)
      ? 0
      : form.geography === 'global'
        ? 1
        : form.geography === undefined
          ? 2
          : 3
  const exact = form.latest === asked.latest && form.date === asked.date
  const age = exact ? 0 : form.date === undefined ? 1 : 1 + (99_999_999 - Number(form.date))
  return place * 1e9 + age
}

/** The same id in other capitals, or under two makers' names. */
const alike = (one: string, other: string): boolean =>
  one.toLowerCase().slice(one.lastIndexOf('/') + 1) === other.toLowerCase().slice(other.lastIndexOf('/') + 1)
