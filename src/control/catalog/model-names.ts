/** The ways in which one model's name is written: with another date, for another region, in another variant, with its address. */

/** Names come from configurations and clients; what is longer than this is none. */
const longest = 256

const dashedDate = /([-@])(20\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?=-v\d|:|$)/
const date = /[-@](?:20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|default|latest)(?=-v\d|:|$)/
/** Bedrock's inference profiles: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
const region = /^(?:global|us-gov|us|eu|apac|jp|au|ca|sa)\./
/** Of Gemini and of Vertex AI. */
const address = /^(?:publishers\/[^/]+\/)?models\//

/** Spellings that mean the same model, whatever it costs: lower case, without its address, dates as eight digits. */
export function strict(name: string): string[] {
  const lower = name.trim().toLowerCase()
  if (lower === '' || lower.length > longest) return []
  const bare = lower.replace(address, '')
  return [...new Set([lower, bare, withCompactDate(bare), withCompactDate(bare).replace('@', '-')])]
}

/** Spellings of what is the same model in all but its place, its price or its settings. */
export function loose(name: string): string[] {
  const known = strict(name)
  const plain = known.flatMap((spelling) => {
    const anywhere = spelling.replace(region, '')
    return [anywhere, anywhere.replace(/:[^/:]*$/, '')]
  })
  return [...new Set([...known, ...plain])]
}

const withCompactDate = (name: string): string => name.replace(dashedDate, '$1$2$3$4')

/** Without its date, or the word that stands for the newest. */
export const undated = (name: string): string => withCompactDate(name).replace(date, '')
