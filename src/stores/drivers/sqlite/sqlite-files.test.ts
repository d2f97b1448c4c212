/** What is known of files, against the conformance kit, in a real file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeFileStore } from '../../../kernel/testing/file-store-kit.ts'
import { openSqliteFiles } from './open-sqlite-files.ts'

describeFileStore('sqlite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sqlite-files-'))
  const { files, ...state } = openSqliteFiles(join(dir, 'state.db'))
  return Promise.resolve({
    files,
    [Symbol.asyncDispose]() {
      state[Symbol.dispose]()
      rmSync(dir, { recursive: true, force: true })
      return Promise.resolve()
    },
  })
})
