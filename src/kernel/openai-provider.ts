/**
 * Makes a provider of what its documentation says, for services that speak OpenAI's protocols with a key in a header, and perhaps
 * Anthropic's beside them. Each such service is then one file of data.
 */
import { z } from 'zod'
import type { FileCalls, FineTuneCalls } from './account-calls.ts'
import { baseUrlField } from './base-url.ts'
import type { DocumentationPage, Offer, Provider, ProviderConfig } from './provider.ts'
import { requireCredential, withHeaders } from './signature.ts'
import type { Spelling } from './spelling.ts'
import type { Traits } from './traits.ts'

/** The protocols that such services speak, with the paths that are usual below the version. */
const usualPaths = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'openai-completions': '/completions',
  'anthropic-messages': '/messages',
} as const

export type OpenaiDialect = keyof typeof usualPaths

export interface ServedProtocol {
  /** Whether the documentation tells its path. */
  readonly verified: boolean
  /** Below the address, version and all, where it is not the usual path below the usual version. */
  readonly path?: string
  readonly traits?: Traits | ((model: string) => Traits)
  readonly spelling?: Spelling
}

/** What it does besides chat. */
export interface FurtherOperation {
  readonly verified: boolean
  /** Below the address, version and all, where it is not the usual path below the usual version. */
  readonly path?: string
}

export interface OpenaiService {
  readonly id: string
  readonly title: string
  /** Environment variables that usually hold its key. */
  readonly env: readonly string[]
  readonly optIn?: boolean
  readonly keyless?: boolean
  readonly free?: boolean
  /** Scheme and host; with regions, by their names, the default first. Absent where everyone has one of their own. */
  readonly address?: string | Readonly<Record<string, string>>
  /** What comes between the address and the usual paths. */
  readonly version?: string
  /** Header that the key goes into. */
  readonly auth?: 'bearer' | 'api-key' | 'x-api-key'
  /** The same at Anthropic's protocol, where it is not the one that is usual there. */
  readonly messagesAuth?: 'bearer' | 'x-api-key'
  /** The protocols it speaks, the one that others are translated to first. */
  readonly speaks: Readonly<Partial<Record<OpenaiDialect, ServedProtocol>>>
  /** Vectors, in OpenAI's protocol if it is not said. */
  readonly embeddings?: FurtherOperation &
    Pick<Offer, 'body' | 'maxInputs' | 'spelling'> & { readonly dialect?: string }
  /** Ranks, in Cohere's older protocol if it is not said. */
  readonly rerank?: FurtherOperation & Pick<Offer, 'receive'> & { readonly dialect?: string }
  /** Moderation, in OpenAI's protocol if it is not said. */
  readonly moderations?: FurtherOperation & { readonly dialect?: string }
  /** Speech in OpenAI's protocol. */
  readonly speech?: FurtherOperation
  /** Recordings written down, in OpenAI's protocol if it is not said; and translated. */
  readonly transcriptions?: FurtherOperation & Pick<Traits, 'transcripts'> & { readonly dialect?: string }
  readonly translations?: FurtherOperation & Pick<Traits, 'transcripts'>
  /** How it keeps files and tunes models, where it does under this configuration. */
  readonly files?: (config: ServiceConfig) => FileCalls | undefined
  readonly fineTuning?: (config: ServiceConfig) => FineTuneCalls | undefined
  /** Further fields of its configuration, by their names. */
  readonly fields?: Readonly<Record<string, z.ZodType<string | undefined>>>
  /** Pictures, in OpenAI's protocol if it is not said; and edited ones. */
  readonly images?: FurtherOperation & Pick<Offer, 'body' | 'maxInputs'> & { readonly dialect?: string }
  readonly imageEdits?: FurtherOperation & Pick<Offer, 'body' | 'maxInputs'> & { readonly dialect?: string }
  /** What it offers in protocols of its own; paths below the address, version and all. */
  readonly offers?: readonly Offer[]
  readonly transport?: Provider['transport']
  /** Fields of its configuration that are sent as headers, by their names. */
  readonly headerFields?: Readonly<Record<string, { readonly header: string; readonly about: string }>>
  readonly streamUsageOnRequest?: boolean
  readonly prices?: string
  /** Path of its list of models below the version, if it has one. */
  readonly models?: string
  readonly modelNames?: Provider['modelNames']
  readonly keyUrl?: string
  readonly keyPrefixes?: readonly string[]
  readonly docs: readonly DocumentationPage[]
}

export type ServiceConfig = ProviderConfig & Readonly<Record<string, string | undefined>>

const headerText = z.string().regex(/^[\x20-\x7e]+$/, { error: 'must be one line of plain ASCII' })

/** Chat templates of open models know no `developer`, and nearly everyone knows the older name of the limit. */
const usualTraits: Traits = { developerRole: false, olderMaxTokens: true }

export function openaiProvider(service: OpenaiService): Provider<ServiceConfig> {
  const { title, version = '/v1', headerFields = {} } = service
  const regions = typeof service.address === 'object' ? service.address : undefined
  const usualAddress = typeof service.address === 'string' ? service.address : Object.values(regions ?? {})[0]
  const offers = [
    ...Object.entries(service.speaks).map(([dialect, spoken]) => offerOf(dialect as OpenaiDialect, spoken, version)),
    ...furtherOffers(service, version),
    ...(service.offers ?? []),
  ]
  const messagesPath = service.speaks['anthropic-messages'] && offers.find(isMessages)?.path('', false)

  return {
    id: service.id,
    title,
    config: configOf(version, usualAddress !== undefined, regions, service),
    env: service.env,
    offers,
    ...(service.optIn === true && { optIn: true }),
    ...(service.keyless === true && { keyless: true }),
    ...(service.free === true && { free: () => true }),
    ...(regions !== undefined && { regions }),
    ...(service.keyUrl !== undefined && { keyUrl: service.keyUrl }),
    ...(service.keyPrefixes !== undefined && { keyPrefixes: service.keyPrefixes }),
    docs: service.docs,
    ...(service.transport !== undefined && { transport: service.transport }),
    baseUrl({ base_url: base, region }) {
      const address = base ?? (region === undefined ? undefined : regions?.[region]) ?? usualAddress ?? ''
      return version !== '' && address.endsWith(version) ? address.slice(0, -version.length) : address
    },
    sign(outbound, config, credential) {
      const headers: Record<string, string> = {}
      for (const [field, { header }] of Object.entries(headerFields)) {
        const value = config[field]
        if (value !== undefined) headers[header] = value
      }
      const messages = messagesPath !== undefined && isAtOrBelow(outbound.path, messagesPath)
      // The version of the protocol that the dialect speaks; a client's own header is kept.
      if (messages) headers['anthropic-version'] = outbound.headers['anthropic-version'] ?? '2023-06-01'
      if (credential !== undefined || service.keyless !== true) {
        const key = requireCredential(credential, title)
        const auth = messages ? (service.messagesAuth ?? 'x-api-key') : (service.auth ?? 'bearer')
        headers[auth === 'bearer' ? 'authorization' : auth] = auth === 'bearer' ? `Bearer ${key}` : key
      }
      return withHeaders(outbound, headers)
    },
    ...(service.files !== undefined && { files: service.files }),
    ...(service.fineTuning !== undefined && { fineTuning: service.fineTuning }),
    ...(service.streamUsageOnRequest === true && { quirks: { streamUsageOnRequest: true } }),
    ...(service.prices !== undefined && { prices: service.prices }),
    ...(service.models !== undefined && { modelsPath: `${version}${service.models}` }),
    ...(service.modelNames !== undefined && { modelNames: service.modelNames }),
  }
}

/** What is passed through may have a query, and be about something below the path: `/v1/messages/count_tokens?beta=true`. */
function isAtOrBelow(path: string, offered: string): boolean {
  const [bare = ''] = path.split('?', 1)
  return bare.endsWith(offered) || bare.includes(`${offered}/`)
}

const isMessages = ({ dialect }: Offer): boolean => dialect === 'anthropic-messages'

function offerOf(dialect: OpenaiDialect, spoken: ServedProtocol, version: string): Offer {
  const path = spoken.path ?? `${version}${usualPaths[dialect]}`
  const { traits, spelling } = spoken
  return {
    operation: 'chat',
    dialect,
    path: () => path,
    verified: spoken.verified,
    ...((dialect === 'openai-chat' || traits !== undefined) && {
      traits: (model: string): Traits => ({
        ...(dialect === 'openai-chat' ? usualTraits : {}),
        ...(typeof traits === 'function' ? traits(model) : traits),
      }),
    }),
    ...(spelling !== undefined && { spelling }),
  }
}

function furtherOffers(service: OpenaiService, version: string): Offer[] {
  const { embeddings, rerank, moderations, speech, transcriptions, translations, images, imageEdits } = service
  const offer = (
    operation: Offer['operation'],
    dialect: string,
    usualPath: string,
    further: FurtherOperation | undefined,
    more: Omit<Offer, 'operation' | 'dialect' | 'path'> = {},
  ): Offer[] =>
    further === undefined
      ? []
      : [
          {
            operation,
            dialect,
            path: () => further.path ?? `${version}${usualPath}`,
            verified: further.verified,
            ...more,
          },
        ]
  return [
    ...offer('embed', embeddings?.dialect ?? 'openai-embeddings', '/embeddings', embeddings, {
      ...(embeddings?.maxInputs !== undefined && { maxInputs: embeddings.maxInputs }),
      ...(embeddings?.spelling !== undefined && { spelling: embeddings.spelling }),
      ...(embeddings?.body !== undefined && { body: embeddings.body }),
    }),
    ...offer('rerank', rerank?.dialect ?? 'cohere-rerank-v1', '/rerank', rerank, {
      ...(rerank?.receive !== undefined && { receive: rerank.receive }),
    }),
    ...offer('moderate', moderations?.dialect ?? 'openai-moderations', '/moderations', moderations),
    ...offer('speech', 'openai-speech', '/audio/speech', speech),
    ...offer(
      'transcribe',
      transcriptions?.dialect ?? 'openai-transcriptions',
      '/audio/transcriptions',
      transcriptions,
      transcriptTraits(transcriptions),
    ),
    ...offer(
      'translate-audio',
      'openai-translations',
      '/audio/translations',
      translations,
      transcriptTraits(translations),
    ),
    ...offer('image', images?.dialect ?? 'openai-images', '/images/generations', images, imageDetails(images)),
    ...offer(
      'edit-image',
      imageEdits?.dialect ?? 'openai-image-edits',
      '/images/edits',
      imageEdits,
      imageDetails(imageEdits),
    ),
  ]
}

const imageDetails = (further: OpenaiService['images']): Pick<Offer, 'body' | 'maxInputs'> => ({
  ...(further?.maxInputs !== undefined && { maxInputs: further.maxInputs }),
  ...(further?.body !== undefined && { body: further.body }),
})

const transcriptTraits = (further: Pick<Traits, 'transcripts'> | undefined): Pick<Offer, 'traits'> => {
  const { transcripts } = further ?? {}
  return transcripts === undefined ? {} : { traits: () => ({ transcripts }) }
}

function configOf(
  version: string,
  hasAddress: boolean,
  regions: Readonly<Record<string, string>> | undefined,
  { headerFields = {}, fields = {} }: Pick<OpenaiService, 'headerFields' | 'fields'>,
): z.ZodType<ServiceConfig> {
  const names = Object.keys(regions ?? {})
  const about =
    version === ''
      ? 'Address of the service.'
      : `Address of the service, with or without \`${version}\` at its end: it is added where it is missing.`
  const shape: Record<string, z.ZodType<string | undefined>> = {
    base_url: hasAddress ? baseUrlField.optional().describe(about) : baseUrlField.describe(about),
  }
  const [first] = names
  if (first !== undefined)
    shape['region'] = z.enum(names).default(first).describe('Where it is called; `base_url` comes before it.')
  for (const [field, { about: meaning }] of Object.entries(headerFields))
    shape[field] = headerText.optional().describe(meaning)
  Object.assign(shape, fields)
  return z.strictObject(shape)
}
