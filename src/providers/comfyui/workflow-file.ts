/** Workflows of the user's own: files in ComfyUI's API format, read anew whenever one is used, because people go on drawing them. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { parseJson } from '../../bytes/parse-json.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Throws an Error whose message says what is wrong. */
export function readWorkflow(path: string): JsonObject {
  let text: string
  try {
    text = readFileSync(path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path, 'utf8')
  } catch (error) {
    throw new Error('the file cannot be read', { cause: error })
  }
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    throw new Error('the file is no JSON', { cause: error })
  }
  const nodes = isJsonObject(json) ? Object.values(json) : []
  if (!isJsonObject(json) || nodes.length === 0 || !nodes.every((node) => isJsonObject(node) && 'class_type' in node))
    throw new Error('the file is no workflow in API format: choose "Export (API)" in ComfyUI')
  return json
}

export function workflowProblem(path: string): string | undefined {
  try {
    readWorkflow(path)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'the file cannot be used'
  }
}
