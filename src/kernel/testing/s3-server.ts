/** An S3 server on loopback for tests, as `scripts/install-s3-server.sh` builds it. It ends with the process that started it, or before. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface S3Server extends Disposable {
  readonly url: string
  readonly bucket: string
  readonly key: string
  readonly secret: string
}

const binary = new URL('../../../.tools/s3-server', import.meta.url).pathname

/** Why tests that need it are skipped; undefined where it is there. Throws where it has to be. */
export function s3ServerMissing(): string | undefined {
  if (existsSync(binary)) return undefined
  const what = 'there is no S3 server: scripts/install-s3-server.sh builds it'
  if (process.env['SLUICEGATE_REQUIRE_S3'] === '1') throw new Error(what)
  return what
}

export async function startS3Server(): Promise<S3Server> {
  const access = { bucket: 'files', key: 'test-key', secret: 'test-secret/with+signs' } as const
  const flags = [`-bucket=${access.bucket}`, `-key=${access.key}`, `-secret=${access.secret}`]
  const server = spawn(binary, flags, { stdio: ['pipe', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once('line', resolve)
    server.once('exit', (code) => reject(new Error(`the S3 server ended with ${code ?? 'a signal'}`)))
  })
  return {
    url,
    ...access,
    [Symbol.dispose]() {
      server.stdin.end()
      server.kill()
    },
  }
}
