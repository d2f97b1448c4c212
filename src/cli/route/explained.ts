/** What is asked, and the answer of `POST /api/routes/explain`, which the command line gives by itself too. */
import type { ExplanationJson } from '../../http/management/explanation-json.ts'

export interface RequestToExplain {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
  /** Id or name. */
  readonly key?: string
}

export type Explained = ExplanationJson
