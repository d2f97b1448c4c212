/**
 * Summaries of conversations, sealed for their way through the client: only this gateway can read or make one. AES-256-GCM under a key
 * of their own, derived from the server secret.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface CompactionSeal {
  seal(summary: string): string
  /** Undefined for what was not sealed here, or has been changed. */
  open(sealed: string): string | undefined
}

/** What sealed summaries begin with: others are of providers, and stay as they are. */
export const compactionMark = 'sluicegate.compaction.1.'

const nonceBytes = 12
const tagBytes = 16

export function compactionSeal(serverSecret: Buffer): CompactionSeal {
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'sluicegate compaction 1', 32))
  return {
    seal(summary) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = Buffer.concat([cipher.update(summary, 'utf8'), cipher.final()])
      return compactionMark + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(text) {
      if (!text.startsWith(compactionMark)) return undefined
      const bytes = Buffer.from(text.slice(compactionMark.length), 'base64url')
      if (bytes.length < nonceBytes + tagBytes) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      try {
        const opened = [decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]
        return Buffer.concat(opened).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
