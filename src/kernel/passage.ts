/**
 * A request for a provider's own path rather than for a model: where it leads, what of it can be metered, and its body, which nobody
 * has to hold in memory. What the pipeline of such requests works with beside the exchange.
 */
import type { Fault } from '../model/fault.ts'
import type { Operation } from '../model/operation.ts'
import type { AnyDialect } from './deployment.ts'
import type { Route } from './route.ts'
import type { RequestAddress } from './dialect.ts'
import type { BodySource } from './transport.ts'

/** A body that is sent on as it comes in, once. */
export interface Upload extends BodySource {
  /** Why it did not come whole, if so. */
  readonly fault: Fault | undefined
}

/** One of the provider's offers, recognised by its path: what is asked and answered there can be read, counted and priced. */
export interface MeteredPath {
  readonly operation: Operation
  readonly dialect: AnyDialect
  /** What the path says of the request, where the protocol puts it there. */
  readonly address: RequestAddress
  /** The answer is the dialect's own, and not wrapped in something of the service. */
  readonly legible: boolean
}

/** Where a request leads below a provider's base URL. */
export interface PassPlace {
  /** As it goes to the provider: the base URL's path and what the client asked for below it. */
  readonly path: string
  /** The configuration lets it pass. */
  readonly permitted: boolean
  readonly metered: MeteredPath | undefined
}

/** A provider whose paths the configuration passes through. */
export interface PassTarget {
  readonly provider: string
  readonly origin: string
  /** The query that the base URL has of itself. */
  readonly search: string
  /** The protocol of its errors where the path does not tell another. */
  readonly dialect: AnyDialect
  /** Throws a Fault for a path that could leave the base URL. */
  place(method: string, path: string): PassPlace
  /** The provider with each of its credentials; `model` is what the body or path of a metered request names. */
  route(model: string | undefined): Route
}

export interface Passage {
  readonly target: PassTarget
  readonly place: PassPlace
  readonly method: string
  /** Behind the question mark, as it came. */
  readonly query: string
  /** The body: whole where it has no more bytes than this, else to be read once. Throws a Fault when it is too large. */
  open(inMemory: number): Uint8Array | Promise<Uint8Array | Upload>
}
