/**
 * AWS's shared files: profiles with their settings in one, their keys in another, whose word comes first ("Shared config and credentials
 * files", docs.aws.amazon.com/sdkref/latest/guide/file-format.html, read 2026-11). Nested settings, below a setting without a value, are
 * of no use here.
 */
import { fileProblem, readIdentityFile } from '../readable-file.ts'
import type { AwsIdentity } from './fields.ts'

export type Profile = Readonly<Record<string, string>>

export interface ProfileFiles {
  readonly config: string | undefined
  readonly credentials: string | undefined
}

const usualConfig = '~/.aws/config'
const usualCredentials = '~/.aws/credentials'

/** The texts of both files; one that is not named and does not exist is simply not there. */
export function profileFiles(identity: AwsIdentity, provider: string): ProfileFiles {
  const textOf = (field: 'config_file' | 'shared_credentials_file', usual: string): string | undefined => {
    const named = identity[field]
    if (named === undefined && fileProblem(usual) !== undefined) return undefined
    return readIdentityFile(named ?? usual, { provider, field })
  }
  return {
    config: textOf('config_file', usualConfig),
    credentials: textOf('shared_credentials_file', usualCredentials),
  }
}

/** What is told of a profile; undefined when neither file has it. */
export function profileIn({ config, credentials }: ProfileFiles, name: string): Profile | undefined {
  const settings =
    config === undefined
      ? undefined
      : sectionIn(config, name === 'default' ? [name, `profile ${name}`] : [`profile ${name}`])
  const keys = credentials === undefined ? undefined : sectionIn(credentials, [name])
  return settings === undefined && keys === undefined ? undefined : { ...settings, ...keys }
}

function sectionIn(text: string, names: readonly string[]): Profile | undefined {
  let section: Record<string, string> | undefined
  let inside = false
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.replaceAll(/\s+/g, ' ')
    if (heading !== undefined) {
      inside = names.includes(heading)
      if (inside) section ??= {}
      continue
    }
    const setting = /^([A-Za-z0-9_.-]+)\s*=\s*(.*?)\s*$/.exec(line)
    const [, key, value] = setting ?? []
    if (!inside || section === undefined || key === undefined || value === undefined) continue
    // Only in the values of settings, and only behind a space, does a sign begin a comment.
    section[key.toLowerCase()] = value.replace(/\s[#;].*$/, '').trim()
  }
  return section
}
