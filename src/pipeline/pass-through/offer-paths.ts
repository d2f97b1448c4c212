/** Finds which of a provider's offers a path is, so that what passes through there can be read. Offers write paths; here they are read. */
import type { AnyDialect } from '../../kernel/deployment.ts'
import type { RequestAddress } from '../../kernel/dialect.ts'
import type { MeteredPath } from '../../kernel/passage.ts'
import type { Offer } from '../../kernel/provider.ts'
import type { Operation } from '../../model/operation.ts'

interface OfferPath {
  readonly pattern: RegExp
  readonly offer: Offer
  readonly dialect: AnyDialect
  readonly hasModel: boolean
  /** Told where the paths of streams and complete answers differ. */
  readonly stream: boolean | undefined
}

/** Stands for a model while an offer writes its path; no escape changes it. */
const probe = 'sluicegate0probe'

export class OfferPaths {
  readonly #paths: readonly OfferPath[]

  constructor(offers: readonly Offer[], dialectOf: (id: string) => AnyDialect) {
    this.#paths = offers.flatMap((offer) => pathsOf(offer, dialectOf(offer.dialect)))
  }

  /** `path` is below the base URL, as paths are compared. */
  find(path: string): MeteredPath | undefined {
    const fitting = this.#paths.flatMap((offerPath) => {
      const found = offerPath.pattern.exec(path)
      return found === null ? [] : [{ ...offerPath, model: offerPath.hasModel ? found[1] : undefined }]
    })
    // One path may be for models of several kinds.
    const serving = fitting.find(
      ({ offer, model }) => model === undefined || offer.serves?.(model, undefined) !== false,
    )
    const chosen = serving ?? fitting[0]
    if (chosen === undefined) return undefined
    const { offer, dialect, model, stream } = chosen
    const address: RequestAddress = {
      ...(model !== undefined && { model }),
      ...(stream !== undefined && { stream }),
    }
    return { operation: offer.operation, dialect, address, legible: offer.receive === undefined }
  }
}

/** One side of these is a file, in whatever form, of which there is nothing to read. */
const ofFiles: ReadonlySet<Operation> = new Set<Operation>(['speech', 'transcribe', 'translate-audio', 'video'])

/** None where one side is a file, nor where requests cannot be read. */
function pathsOf(offer: Offer, dialect: AnyDialect): OfferPath[] {
  if (dialect.carries !== undefined || dialect.media !== undefined || dialect.unserved === true) return []
  if (ofFiles.has(offer.operation)) return []
  const whole = written(offer, false)
  const streamed = written(offer, true)
  const path = (text: string | undefined, stream: boolean | undefined): OfferPath[] =>
    text === undefined ? [] : [{ pattern: patternOf(text), offer, dialect, hasModel: text.includes(probe), stream }]
  return whole === streamed ? path(whole, undefined) : [...path(whole, false), ...path(streamed, true)]
}

/** Undefined where the offer takes only models of a form of their own. */
function written(offer: Offer, stream: boolean): string | undefined {
  try {
    return offer.path(probe, stream).split('?', 1)[0]
  } catch {
    return undefined
  }
}

/**
 * Capitals are passed over, because some servers do so, and so is how ripe a version is: `/v1` and `/v1beta` of Google are one protocol,
 * and its clients ask for either.
 */
function patternOf(path: string): RegExp {
  const pieces = decodeURIComponent(path)
    .split(probe)
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .map((piece) => piece.replaceAll(/\/(v\d+)(?:[a-z]\w*)?(?=\/|$)/gi, String.raw`/$1(?:[a-z]\w*)?`))
  return new RegExp(`^${pieces.join('(.+)')}$`, 'i')
}
