/**
 * The schema of the whole configuration file, one section after the other, each key described. The documentation and the JSON
 * Schema are generated from it. Providers and routers are open here: their drivers add fields, which the loader checks itself.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { awsFields } from '../kernel/identity/aws/fields.ts'
import { taskClasses } from '../model/task-class.ts'
import { virtualModelNames } from '../model/virtual-model.ts'
import { checks } from './check-fields.ts'
import { concurrencyFields } from './concurrency-fields.ts'
import { key, onUnsupported } from './key-schema.ts'
import { priceSchema } from './price-schema.ts'
import { region, regions, residency } from './region-fields.ts'
import {
  duration,
  filled,
  flag,
  integer,
  network,
  oneOrMore,
  positiveDuration,
  retention,
  routeName,
  size,
} from './scalars.ts'
import { traitsSchema } from './traits-schema.ts'

const promptCaching = z.enum(['auto', 'off'])

/** What a model or router may set for requests under its name. */
export const translationFields = {
  on_unsupported: onUnsupported.optional().describe('As `translation.on_unsupported`, for requests under this name.'),
  prompt_caching: promptCaching.optional().describe('As `translation.prompt_caching`, for requests under this name.'),
}

const commit = z.union([z.enum(['first_byte', 'first_token']), z.number().int().min(1).max(1000)], {
  error: () => 'expected `first_byte`, `first_token` or a number of tokens up to 1000',
})

/** What a model or router may set for the answers under its name. */
export const answerFields = {
  commit: commit.optional().describe('As `streams.commit`, for requests under this name.'),
  context_window_fallbacks: oneOrMore(filled)
    .optional()
    .describe(
      'Who is asked when a request is too long for its target: names of models, aliases or routers, or `provider/model`, of larger windows.',
    ),
  content_policy_fallbacks: oneOrMore(filled)
    .optional()
    .describe('Who is asked when a filter of the provider refuses a request or its answer, named in the same way.'),
}

const server = z.strictObject({
  host: filled.default('127.0.0.1').describe('Address to listen on. `0.0.0.0` or `::` for all; needs `auth.required`.'),
  port: integer(0, 65_535).prefault(8080).describe('Port to listen on. `0` lets the system choose.'),
  body_limit: size.prefault('32MiB').describe('The largest request body that is held in memory.'),
  upload_limit: size
    .prefault('512MiB')
    .describe(
      'The largest request with a file, or passed through as it comes. Files lie in `spool` below `data.dir` while their request lasts.',
    ),
  upload_reserve: size.prefault('256MiB').describe('Free bytes of the disk that uploads leave to others.'),
  header_limit: size.prefault('32KiB').describe('The most bytes of request headers.'),
  request_timeout: positiveDuration.prefault('60s').describe('How long a whole request may take to arrive.'),
  trusted_proxies: z
    .array(network)
    .default([])
    .describe('Networks of proxies whose `x-forwarded-for` is believed: it tells where clients are.'),
  max_connections: integer(1).prefault(10_000).describe('Open client connections; more are turned away.'),
  max_in_flight: integer(1)
    .prefault(2_000)
    .describe('Requests handled at the same time; more are answered with `overloaded`.'),
  drain_timeout: duration
    .prefault('30s')
    .describe('How long running requests may take to finish when the gateway shuts down.'),
})

const model = z.strictObject({
  deployments: z
    .array(
      z.strictObject({
        provider: filled.describe('Name of an entry of `providers`.'),
        model: filled.describe("The provider's own name of the model."),
        max_output: integer(1).optional().describe('The most tokens one answer can have.'),
        context_window: integer(1)
          .optional()
          .describe('Tokens that request and answer can have together, where the catalog does not know.'),
        ...concurrencyFields,
        region: region.optional().describe('As `region` of the provider, for this deployment.'),
        prices: priceSchema.optional().describe("Prices of this deployment; come before the provider's."),
        supports: traitsSchema.optional().describe("What it can take, where that differs from the provider's."),
      }),
    )
    .min(1, { error: 'must name at least one deployment' })
    .optional()
    .describe('Who serves the model; tried in this order.'),
  rerank: z
    .strictObject({
      embeddings: filled
        .optional()
        .describe(
          'Who makes the vectors that documents are ranked by: the name of a model, alias or router, or `provider/model`.',
        ),
      judge: filled
        .optional()
        .describe('The chat model that gives documents the marks they are ranked by, named in the same way.'),
      batch: integer(1, 200).prefault(20).describe('The most documents that the judge is given at once.'),
    })
    .optional()
    .describe(
      'In place of `deployments`: ranks documents with a model that is no reranker, by `embeddings` or by a `judge`.',
    ),
  moderate: z
    .strictObject({
      llama_guard: filled
        .optional()
        .describe('Llama Guard at any service that has it: the name of a model, alias or router, or `provider/model`.'),
      judge: filled
        .optional()
        .describe('Any chat model, which is told what the categories mean, named in the same way.'),
    })
    .optional()
    .describe('In place of `deployments`: moderates with a chat model, by `llama_guard` or by a `judge`.'),
  ...translationFields,
  ...answerFields,
})

const asTarget = 'expected a name, or a map with `target`'
const asRouter = 'expected a name, or a router `{ strategy, targets }`'

export const routerFields = z.strictObject({
  strategy: filled.describe('How the order of the targets is found: the id of a strategy.'),
  targets: z
    .array(
      z.union(
        [
          z.string(),
          z.record(z.string(), z.unknown()).refine((map) => 'target' in map || 'strategy' in map, { error: asTarget }),
        ],
        { error: () => asTarget },
      ),
    )
    .min(1, { error: 'must name at least one target' })
    .describe(
      "Names of models, aliases or routers, or `provider/model`; as a map `{ target, … }` with the strategy's options, or a router of its own, `{ strategy, targets }`.",
    ),
  region: z
    .literal('nearest')
    .optional()
    .describe(
      '`nearest`: what is nearer to the client comes first, in the order of the strategy where two are equally near.',
    ),
  residency: residency.describe('As `residency`, for what this router leads to; both have to be kept.'),
  ...translationFields,
  ...answerFields,
})

/** Who answers, and how, is the router's to say: a body that says otherwise would be answered by whom nobody is charged for. */
const notOverridden: ReadonlySet<string> = new Set(['model', 'models', 'modelId', 'route', 'stream'])

/** Of a target, whatever the strategy. */
export const targetFields = z.strictObject({
  target: z
    .union([filled, z.record(z.string(), z.unknown()).refine((map) => 'strategy' in map, { error: asRouter })], {
      error: () => asRouter,
    })
    .describe(
      'Name of a model, alias or router, or `provider/model`; or a router of its own, `{ strategy, targets }`.',
    ),
  override: z
    .record(filled, z.unknown())
    .superRefine((members, context) => {
      for (const name of Object.keys(members))
        if (notOverridden.has(name))
          context.addIssue({
            code: 'custom',
            path: [name],
            message:
              name === 'stream' ? 'is for the client to say' : 'cannot be overridden: name another target in its place',
          })
    })
    .optional()
    .describe(
      "Top-level members that the request's body has at this target, in the target's own protocol: `{ temperature: 0 }`. `null` leaves one out. The model is not among them.",
    ),
})

const mark = z.number().min(0).max(100)

const virtualFields = {
  candidates: z
    .array(filled)
    .min(1)
    .optional()
    .describe(
      'What is chosen from: patterns of `provider/model`. Left out: every configured model whose quality something is known of.',
    ),
  min_quality: mark.optional().describe('The least mark of what is chosen for its price or speed; 50 if left out.'),
}

/** Who the gateway is at S3: keys, or nothing, where the machine has a role. */
const bucket = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, { error: 'is not the name of a bucket' })
      .describe('Name of the bucket.'),
    region: awsFields.region.default('us-east-1').describe('Its region; services that have none take any.'),
    endpoint: baseUrlField.optional().describe('Address of a service that is not AWS: `http://minio:9000`.'),
    prefix: z
      .string()
      .regex(/^[\w./-]*$/, { error: 'must be letters, digits, `.`, `_`, `-` and `/`' })
      .default('')
      .describe('What the names of all objects begin with: `sluicegate/`.'),
    path_style: flag
      .optional()
      .describe('Whether the bucket stands in the path rather than in the host. If not given, where `endpoint` is.'),
    access_key_id: awsFields.access_key_id,
    secret_access_key: awsFields.secret_access_key,
    session_token: awsFields.session_token,
    profile: awsFields.profile,
    role_arn: awsFields.role_arn,
  })
  .refine(({ access_key_id: id, secret_access_key: secret }) => (id === undefined) === (secret === undefined), {
    error: 'has one of `access_key_id` and `secret_access_key` without the other',
  })

/** The sections that need no driver to be checked. */
export const configSchema = z.strictObject({
  server: server.prefault({}).describe('Where the gateway listens and how much it takes on.'),
  data: z
    .strictObject({
      dir: filled
        .default('./data')
        .describe(
          'Directory of the database and the journal; relative to the configuration file. Created if it is not there.',
        ),
    })
    .prefault({})
    .describe('Where state is kept.'),
  auth: z
    .strictObject({
      required: flag
        .prefault(true)
        .describe('Whether clients need a key. `false` is refused unless `server.host` is a loopback address.'),
    })
    .prefault({})
    .describe('Who may call.'),
  providers: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        error: 'must be letters, digits, `.`, `_` and `-`, as it stands before the slash in `provider/model`',
      }),
      z.record(z.string(), z.unknown()).nullable(),
    )
    .prefault({})
    .describe('The services to call, by a name of your choice.'),
  models: z.record(routeName, model).prefault({}).describe('Models that clients ask for by name, and who serves them.'),
  aliases: z
    .record(routeName, filled)
    .prefault({})
    .describe('Other names: each stands for a model, alias, router or `provider/model`.'),
  routers: z
    .record(routeName, z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Virtual models: each picks among targets for every request.'),
  residency: residency.describe(
    'Areas (`eu`, `uk`, `us`, …) or regions that requests may be processed in: what is elsewhere, or nobody knows where, is never asked.',
  ),
  regions,
  geo: z
    .strictObject({
      database: filled
        .optional()
        .describe(
          'A MaxMind database of cities (`GeoLite2-City.mmdb`), relative to the configuration file: where clients are by their addresses. Read at the start and at every reload.',
        ),
    })
    .prefault({})
    .describe('Where clients are, for `region: nearest`.'),
  keys: z
    .array(key)
    .prefault([])
    .describe(
      'Keys that clients may use, beside those made with `sluicegate keys create`. Before a call, money and tokens are held for the most that it may take: ' +
        'of text by its length, of a picture 5,000 tokens (`gpt-4o-mini`: 48,169). What a film, a sound or a document behind an address takes cannot be known before: ' +
        '2,000 are held, and what it took is counted when the answer is there.',
    ),
  timeouts: z
    .strictObject({
      connect: positiveDuration.prefault('5s').describe('To connect to a provider, TLS included.'),
      first_byte: positiveDuration
        .prefault('5m')
        .describe(
          'From sending a request to the first byte of the answer. Without streaming that is when the answer is complete.',
        ),
      stall: positiveDuration.prefault('2m').describe('Between two pieces of an answer.'),
      total: positiveDuration.prefault('10m').describe('For the whole request, every attempt included.'),
    })
    .prefault({})
    .describe('How long to wait for providers.'),
  retries: z
    .strictObject({
      rounds: integer(0, 10)
        .prefault(2)
        .describe(
          'How often the targets are gone through again, after all of them failed in a way that may pass. `0`: each is tried once.',
        ),
      base_delay: duration
        .prefault('250ms')
        .describe('A random part of it is waited before the first such round; doubles with every further one.'),
      max_delay: duration
        .prefault('5s')
        .describe('The longest such wait. A provider that asks for a longer one is not waited for.'),
      budget: z
        .strictObject({
          ratio: z
            .number()
            .min(0)
            .max(10)
            .prefault(0.2)
            .describe(
              'The share of the requests of the last ten seconds that may be asked again at the same provider.',
            ),
          min_per_second: z
            .number()
            .min(0)
            .max(10_000)
            .prefault(3)
            .describe('So many may be in any case, for each of these seconds.'),
        })
        .prefault({})
        .describe('How much of what comes to a provider may come to it again. The first other target is always asked.'),
    })
    .prefault({})
    .describe('What to try again before the first byte has reached the client.'),
  limits: z
    .strictObject({
      response_bytes: size.prefault('64MiB').describe('The largest answer of a provider that is not a stream.'),
      messages: integer(1).prefault(5_000).describe('The most messages in one request.'),
      mirrors: integer(0)
        .prefault(16)
        .describe(
          'How many answers for comparison (`strategy: mirror`) are made at a time; what would be more is left out.',
        ),
    })
    .prefault({})
    .describe('Bounds of what is held in memory for one request.'),
  prices: z
    .record(z.string().regex(/^[^/\s]+\/\S+$/, { error: 'must be `provider/model`' }), priceSchema)
    .prefault({})
    .describe('Prices that differ from the built-in price data, by `provider/model`.'),
  quality: z
    .record(
      z.string().regex(/^[^/\s]+\/\S+$/, { error: 'must be `provider/model`' }),
      z.union([mark, z.partialRecord(z.enum(taskClasses), mark)], {
        error: () => `expected a mark from 0 to 100, or marks by task: ${taskClasses.join(', ')}`,
      }),
    )
    .prefault({})
    .describe(
      'Marks for the quality of models, 0 to 100, by `provider/model`: one, or one for each task. In place of the built-in ones.',
    ),
  virtual_models: z
    .strictObject({
      enabled: flag
        .prefault(true)
        .describe('Whether there are [built-in virtual models](routing.md#built-in-virtual-models).'),
      ...virtualFields,
      fallbacks: integer(0, 10).prefault(3).describe('How many targets may follow the first.'),
      models: z
        .partialRecord(
          z.enum(virtualModelNames),
          z.strictObject({ enabled: flag.prefault(true).describe('Whether there is this one.'), ...virtualFields }),
        )
        .prefault({})
        .describe('What differs for one of them: `{ router:code:price: { min_quality: 60 } }`.'),
    })
    .prefault({})
    .describe('Models that are there without being configured, and choose among what is.'),
  circuit_breaker: z
    .strictObject({
      enabled: flag
        .prefault(true)
        .describe('Whether deployments that fail again and again are left alone for a while.'),
      failures: integer(1, 1000).prefault(5).describe('So many failures in a row within `window` open a circuit.'),
      error_ratio: z
        .number()
        .gt(0)
        .max(1)
        .prefault(0.5)
        .describe('So does this share of failures among the calls in `window`, once there are `min_requests`.'),
      min_requests: integer(1, 100_000).prefault(20).describe('Calls below which no share is looked at.'),
      window: positiveDuration.prefault('60s').describe('How far back failures count.'),
      recovery: positiveDuration
        .prefault('60s')
        .describe('How long a circuit stays open before it is tried; twice as long each time that it opens again.'),
      max_recovery: positiveDuration.prefault('5m').describe('The longest that it stays open.'),
      successes: integer(1, 100).prefault(3).describe('So many good calls in a row close it.'),
      probes: integer(1, 100).prefault(1).describe('Calls at the same time while it is tried.'),
    })
    .prefault({})
    .describe(
      'When deployments are left alone because they fail: by timeouts, broken connections, errors of the service, nonsense. Each deployment has a circuit with each of its credentials.',
    ),
  translation: z
    .strictObject({
      on_unsupported: onUnsupported
        .default('warn')
        .describe(
          'What becomes of things that the chosen target cannot express. `drop`: left out. `warn`: left out, and told in `x-sluicegate-lost`. `refuse`: the next target is tried, or the request refused.',
        ),
      prompt_caching: promptCaching
        .default('off')
        .describe(
          "Whether the gateway marks the stable beginning of long prompts for the provider's cache where the client sets no marks and the provider's protocol has them.",
        ),
    })
    .prefault({})
    .describe('From one protocol to another.'),
  checks,
  streams: z
    .strictObject({
      commit: commit
        .default('first_byte')
        .describe(
          'How much of a stream has to be there before the client is given it; until then another target can take its place unnoticed. `first_byte`: the first piece that says anything. `first_token`: the first word. A number: so many tokens.',
        ),
      keep_alive: positiveDuration
        .optional()
        .describe(
          'How long nothing may move on a stream before its client is told that it is still to come, or to go on, in words of its protocol that say nothing else. Left out: it is never told. [What that means](routing.md#keep-alive) for answers that fail.',
        ),
    })
    .prefault({})
    .describe('Answers that are streamed.'),
  structured_output: z
    .strictObject({
      repairs: integer(0, 5)
        .prefault(1)
        .describe(
          'How often a model is asked again when its answer does not fit the schema. Every time is paid for. `0`: never.',
        ),
      validate: z
        .enum(['emulated', 'always'])
        .default('emulated')
        .describe(
          'Which answers the gateway checks against the schema. `emulated`: those of targets that have no structured output of their own. `always`: all.',
        ),
    })
    .prefault({})
    .describe('Answers that must fit a JSON schema.'),
  moderation: z
    .strictObject({
      model: filled
        .default('omni-moderation-latest')
        .describe(
          'Who answers requests to `/v1/moderations` that name no model, as the protocol allows: any name that clients could write.',
        ),
    })
    .prefault({})
    .describe('Judging texts and pictures by the harm in them.'),
  media: z
    .strictObject({
      fetch: flag
        .prefault(true)
        .describe('Whether the gateway fetches images and files that a request names by URL, for targets that cannot.'),
      max_bytes: size.prefault('20MiB').describe('The largest file.'),
      timeout: positiveDuration.prefault('20s').describe('How long fetching one may take, redirects included.'),
      allow: z
        .array(network)
        .prefault([])
        .describe('Networks that may be reached although their addresses are not public: `["10.1.0.0/16"]`.'),
    })
    .prefault({})
    .describe('Images and files named by URL.'),
  files: z
    .strictObject({
      max_file_size: size.prefault('512MiB').describe('The largest file that may be uploaded.'),
      max_files: integer(1).prefault(10_000).describe('The most files that one key may have.'),
      max_bytes: size.prefault('10GiB').describe('The most bytes that all files of one key may have together.'),
      expires_after: retention
        .optional()
        .describe('How long a file is kept whose client does not say. If not given, until it is deleted.'),
      provider: filled
        .optional()
        .describe(
          'Name of an entry of `providers` that files go to whose client does not name one. If not given, the gateway keeps them itself.',
        ),
      s3: bucket
        .optional()
        .describe(
          'Where files are kept, in place of `files` below `data.dir`: a bucket of AWS or of any service that speaks S3.',
        ),
    })
    .prefault({})
    .describe('[Files](files.md) that clients upload.'),
  logging: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('The least important level to write.'),
      content: flag
        .prefault(false)
        .describe('Whether prompts and answers are logged too, each up to 64 KiB. Needs a restart.'),
      format: z
        .enum(['auto', 'json', 'pretty'])
        .default('auto')
        .describe('`auto`: `pretty` on a terminal, `json` elsewhere.'),
    })
    .prefault({})
    .describe('The log, on standard output.'),
  responses: z
    .strictObject({
      keep: flag
        .prefault(true)
        .describe(
          'Whether answers of `/v1/responses` are kept at all. `false`: as if every client said `store: false`; a provider that keeps answers itself still does what the client says.',
        ),
      retention: retention
        .prefault('30d')
        .describe('How long an answer of `/v1/responses` is kept when the client does not say `store: false`.'),
      conversation_retention: retention
        .optional()
        .describe('How long a conversation is kept after its last use. Left out: until it is deleted.'),
      max_stored_bytes: size
        .prefault('10GiB')
        .describe('How large the database of answers may grow; beyond it the oldest answers go first.'),
      background: z
        .strictObject({
          max_running: integer(1).prefault(64).describe('Background responses that run at the same time.'),
          max_queued: integer(0)
            .prefault(256)
            .describe('Background responses that wait for their turn; more are answered with `overloaded`.'),
          timeout: positiveDuration
            .prefault('1h')
            .describe('For a whole background response once it runs, in place of `timeouts.total`.'),
          max_event_bytes: size
            .prefault('16MiB')
            .describe('How much of the event stream of one background response is kept to be read again.'),
        })
        .prefault({})
        .describe('Responses that run on without their client (`background: true`).'),
      websocket: z
        .strictObject({
          max_age: positiveDuration
            .prefault('60m')
            .describe('How long a WebSocket connection to `/v1/responses` may last.'),
          ping_interval: positiveDuration
            .prefault('30s')
            .describe('How often a WebSocket client is asked for a sign of life; one that gives none is disconnected.'),
        })
        .prefault({})
        .describe('The WebSocket mode of `/v1/responses`.'),
    })
    .prefault({})
    .describe("What is kept of OpenAI's Responses API. A change needs a restart."),
  journal: z
    .strictObject({
      fsync_interval: duration
        .prefault('100ms')
        .describe('How long a record may wait until it is safe on the disk. `0`: every write.'),
      max_pending: size.prefault('16MiB').describe('How much may wait in memory for the disk.'),
      on_full: z
        .enum(['drop_oldest', 'refuse'])
        .default('refuse')
        .describe('When the disk cannot keep up: refuse new requests, or lose the oldest waiting records.'),
    })
    .prefault({})
    .describe('The durable account of what was used and spent.'),
  metrics: z
    .strictObject({
      enabled: flag.prefault(true).describe('Whether `/metrics` is served.'),
      require_key: flag.prefault(false).describe('Whether `/metrics` asks for a key.'),
    })
    .prefault({})
    .describe('Numbers for Prometheus.'),
})

export type ConfigInput = z.output<typeof configSchema>
