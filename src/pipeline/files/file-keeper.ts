/**
 * The files that clients have uploaded: whose they are, where their bytes lie, and which providers have copies of them. A file is sent to
 * a provider when it is first needed there; the id that it gets there is kept, so that ids can be told both ways. Deleting it deletes
 * all of them, now or as soon as that can be done.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { ProviderAccount } from '../../kernel/provider-account.ts'
import type { Upload } from '../../kernel/upload.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Key } from '../../model/key.ts'
import type { BlobStore } from '../../stores/blob-store.ts'
import type { FileCopy, FileStore, StoredFile } from '../../stores/file-store.ts'
import { askAccount, openAccount, usableAccount } from '../accounts/ask-account.ts'
import { FileIntake } from './file-intake.ts'
import { readTold, termsOf } from './file-terms.ts'
import type { FileTerms, ToldOfFile } from './file-terms.ts'
import { checkTrainingLines } from './training-lines.ts'

export interface FileKeeperContext {
  readonly clock: Clock
  readonly plan: () => Plan
  readonly files: FileStore
  readonly blobs: BlobStore
  readonly terms: FileTerms
  /** Hears what could not be taken away, in words for whoever runs the gateway. */
  readonly onProblem: (fileId: string, problem: string) => void
}

export interface FileContent {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Where it is known. */
  readonly length?: number
}

export class FileKeeper {
  readonly #context: FileKeeperContext
  readonly #sending = new Map<string, Promise<string>>()

  constructor(context: FileKeeperContext) {
    this.#context = context
  }

  /** Takes a file in. `receive` reads the form into the intake and gives its texts. */
  async upload(
    exchange: Exchange,
    providerHeader: string | undefined,
    receive: (intake: FileIntake) => Promise<ReceivedFile>,
  ): Promise<StoredFile> {
    const { files, blobs, terms, clock } = this.#context
    const { key } = exchange
    const owner = key?.id ?? ''
    const limits = termsOf(terms, key)
    const now = clock.now()
    const intake = new FileIntake({ files, blobs, key, owner, limits, now })
    try {
      const { fields, name, type } = await receive(intake)
      const told = readTold(fields, limits.purposes, key)
      const provider = told.provider ?? providerHeader ?? terms.provider
      const account = provider === undefined ? undefined : this.#accountFor(provider, told, intake.size)
      await intake.commit()
      if (told.purpose === 'fine-tune') await this.#checkTraining(intake.id)
      const life = told.expiresAfter ?? terms.expiresAfter
      const file: StoredFile = {
        owner,
        id: intake.id,
        createdAt: now,
        ...(life !== undefined && { expiresAt: now + life }),
        purpose: told.purpose,
        name,
        type,
        bytes: intake.size,
        home: account === undefined ? 'gateway' : 'provider',
      }
      if (account !== undefined) await this.#forward(file, account, exchange)
      await this.#complete(file, intake)
      return file
    } catch (error) {
      if (await intake.giveUp()) await this.takeAway(intake)
      throw error
    }
  }

  /** Throws a Fault for what is not the owner's. */
  get(owner: string, id: string): StoredFile {
    const file = this.#context.files.get(owner, id, this.#context.clock.now())
    if (file === undefined)
      throw new Fault('file_not_found', `There is no file ${JSON.stringify(id.slice(0, 120))}.`, { param: 'file_id' })
    return file
  }

  list(owner: string, query: Omit<Parameters<FileStore['list']>[1], 'now'>): StoredFile[] {
    const { files, clock } = this.#context
    return files.list(owner, { ...query, now: clock.now() })
  }

  async content(file: StoredFile, exchange: Exchange): Promise<FileContent> {
    if (file.home === 'gateway') {
      const bytes = await this.#context.blobs.read(file.id)
      if (bytes === undefined) throw lost(file)
      return { bytes, length: file.bytes }
    }
    for (const { provider, account: of, remoteId } of this.#context.files.copies(file.id)) {
      const account = this.#context
        .plan()
        .accounts(provider)
        .find(({ account }) => account === of)
      const call = account?.files?.content?.(remoteId)
      if (account === undefined || call === undefined) continue
      const { signal } = exchange
      const { headers, bytes } = await openAccount(account, call, { clock: this.#context.clock, exchange, signal })
      const length = headers['content-length']
      return { bytes, ...(length !== undefined && /^\d+$/.test(length) && { length: Number(length) }) }
    }
    throw new Fault('file_not_available', 'The provider that has the file does not give it back.')
  }

  /** The provider's own id of the file, which it is sent to if it does not have it yet. */
  async providerFileId(owner: string, id: string, account: ProviderAccount, exchange?: Exchange): Promise<string> {
    const file = this.get(owner, id)
    const known = this.#context.files.copies(id).find((copy) => isAt(copy, account))
    if (known !== undefined) return known.remoteId
    if (file.home === 'provider')
      throw new Fault(
        'file_not_available',
        `The file ${id} lies with another provider than ${account.provider}, or with another account there. Upload it again without \`provider\`.`,
      )
    const key = JSON.stringify([id, account.provider, account.account])
    const sending =
      this.#sending.get(key) ?? this.#sendOnce(file, account, exchange).finally(() => this.#sending.delete(key))
    this.#sending.set(key, sending)
    return sending
  }

  /** The file that the provider knows by this id, if it is the owner's. */
  byProviderId(owner: string, provider: string, remoteId: string): StoredFile | undefined {
    return this.#context.files.byCopy(owner, provider, remoteId, this.#context.clock.now())
  }

  /** Makes a file of the owner of what a provider has written for it. */
  adopt(owner: string, copy: FileCopy, { id, purpose, name }: Pick<StoredFile, 'id' | 'purpose' | 'name'>): StoredFile {
    const { files, clock } = this.#context
    const known = this.byProviderId(owner, copy.provider, copy.remoteId)
    if (known !== undefined) return known
    const type = 'application/octet-stream'
    const file: StoredFile = { owner, id, createdAt: clock.now(), purpose, name, type, bytes: 0, home: 'provider' }
    files.begin(file)
    files.addCopy(id, copy)
    files.complete(file)
    return file
  }

  /** Nobody sees it from now on. Resolves when it was tried to take all of it away, whatever came of that. */
  async remove(owner: string, id: string): Promise<void> {
    const file = this.get(owner, id)
    this.#context.files.condemn(owner, id)
    await this.takeAway(file)
  }

  /** Deletes what was condemned, bytes and copies; false when something is left of it. */
  async takeAway(file: Pick<StoredFile, 'id'>, isLastTime = false): Promise<boolean> {
    const { files, blobs, onProblem } = this.#context
    const failures: string[] = []
    for (const copy of files.copies(file.id)) {
      const why = await this.#removeCopy(copy)
      if (why === undefined) files.removeCopy(file.id, copy)
      else failures.push(`${copy.provider} may still have ${copy.remoteId}: ${why}`)
    }
    try {
      await blobs.remove(file.id)
    } catch (error) {
      failures.push(asFault(error).cause instanceof Error ? String(asFault(error).cause) : asFault(error).message)
    }
    for (const problem of failures) onProblem(file.id, problem)
    if (failures.length === 0 || isLastTime) files.forget(file.id)
    else files.failed(file.id)
    return failures.length === 0
  }

  // --- taking in

  /** There is no moment between looking for room and taking it. */
  async #complete(file: StoredFile, intake: FileIntake): Promise<void> {
    const { files, blobs } = this.#context
    intake.requireRoom()
    if (!files.complete(file)) throw new Fault('draining', 'The gateway is shutting down: send the request again.')
    // What a provider keeps is not kept here as well.
    if (file.home === 'provider') await blobs.remove(file.id)
  }

  #accountFor(provider: string, { purpose }: ToldOfFile, bytes: number): ProviderAccount {
    const account = usableAccount(this.#context.plan().accounts(provider))
    const files = account?.files
    if (account === undefined || files === undefined)
      throw new Fault(
        'operation_not_supported',
        `${JSON.stringify(provider.slice(0, 60))} is no provider here that keeps files.`,
        { param: 'provider' },
      )
    requireTaken(account, { purpose, bytes })
    return account
  }

  async #checkTraining(id: string): Promise<void> {
    const bytes = await this.#context.blobs.read(id)
    if (bytes !== undefined) await checkTrainingLines(bytes)
  }

  // --- copies

  async #sendOnce(file: StoredFile, account: ProviderAccount, exchange: Exchange | undefined): Promise<string> {
    requireTaken(account, file)
    const remoteId = await this.#send(file, account, exchange)
    const { files, clock } = this.#context
    const copy = { provider: account.provider, account: account.account, remoteId }
    if (files.get(file.owner, file.id, clock.now()) !== undefined) {
      files.addCopy(file.id, copy)
      return remoteId
    }
    // Deleted while it was sent.
    const why = await this.#removeCopy(copy)
    if (why !== undefined) this.#context.onProblem(file.id, `${account.provider} may still have ${remoteId}: ${why}`)
    throw new Fault('file_not_found', `The file ${file.id} was deleted meanwhile.`)
  }

  async #forward(file: StoredFile, account: ProviderAccount, exchange: Exchange): Promise<void> {
    const remoteId = await this.#send(file, account, exchange)
    this.#context.files.addCopy(file.id, { provider: account.provider, account: account.account, remoteId })
  }

  async #send(file: StoredFile, account: ProviderAccount, exchange: Exchange | undefined): Promise<string> {
    const calls = account.files
    if (calls === undefined)
      throw new Fault('operation_not_supported', `${account.provider} keeps no files.`, { param: 'provider' })
    const upload = this.#uploadOf(file)
    const sent = calls.upload({ id: file.id, name: file.name, bytes: file.bytes, purpose: file.purpose })
    let answer: JsonObject = {}
    try {
      for (const call of sent.calls)
        answer = await askAccount(account, call, {
          clock: this.#context.clock,
          ...(exchange !== undefined && { exchange, signal: exchange.signal }),
          ...(call.form !== undefined && { upload }),
        })
    } catch (error) {
      // What has its name from the first call on may be there without its content.
      const { provider, account: of } = account
      if (sent.id !== undefined) await this.#removeCopy({ provider, account: of, remoteId: sent.id })
      throw error
    }
    const id = sent.id ?? calls.readId(answer)
    if (id === undefined)
      throw new Fault('provider_malformed', `${account.provider} took the file and told no id of it.`, {
        upstream: { provider: account.provider },
      })
    return id
  }

  #uploadOf(file: StoredFile): Upload {
    const { blobs } = this.#context
    return {
      name: file.name,
      type: file.type,
      length: file.bytes,
      async *open() {
        const bytes = await blobs.read(file.id)
        if (bytes === undefined) throw lost(file)
        yield* bytes
      },
      discard: () => undefined,
    }
  }

  /** Why it may still be there. */
  async #removeCopy(copy: FileCopy): Promise<string | undefined> {
    const account = this.#context
      .plan()
      .accounts(copy.provider)
      .find((each) => isAt(copy, each))
    if (account?.files === undefined) return 'the account that has it is no longer configured'
    try {
      await askAccount(account, account.files.remove(copy.remoteId), { clock: this.#context.clock })
    } catch (error) {
      const { message, upstream } = asFault(error)
      if (upstream?.status !== 404) return message
    }
    return undefined
  }
}

export interface ReceivedFile {
  /** Texts of the form. */
  readonly fields: JsonObject
  readonly name: string
  readonly type: string
}

export const ownerOf = (key: Key | undefined): string => key?.id ?? ''

const isAt = (copy: FileCopy, { provider, account }: ProviderAccount): boolean =>
  copy.provider === provider && copy.account === account

/** Before a byte of it is sent. */
function requireTaken(
  { provider, files }: ProviderAccount,
  { purpose, bytes }: Pick<StoredFile, 'purpose' | 'bytes'>,
): void {
  const { purposes, largest } = files ?? {}
  if (purposes !== undefined && !Object.hasOwn(purposes, purpose))
    throw new Fault(
      'not_expressible',
      `${provider} keeps no files for "${purpose}", but for ${Object.keys(purposes).join(', ')}.`,
      { param: 'purpose' },
    )
  if (largest !== undefined && bytes > largest)
    throw new Fault('file_too_large', `${provider} takes files of at most ${largest} bytes.`, { param: 'file' })
}

const lost = ({ id }: StoredFile): Fault =>
  new Fault('file_store_failed', `The bytes of the file ${id} are not where the gateway keeps them.`)
