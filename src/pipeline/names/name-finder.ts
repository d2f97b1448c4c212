/**
 * What a name means that is written otherwise than a provider writes it, or without saying whose it is. Never guesses between two: more
 * than one finding is for whoever asked to choose from. Names that a provider is known to have as they stand never come here changed.
 */
import type { Provider } from '../../kernel/provider.ts'
import { makerOf, namesMaker } from './makers.ts'
import { formOf, sameModel } from './model-form.ts'
import type { ModelForm, SpelledId } from './model-form.ts'
import { driverSpelled } from './provider-spellings.ts'

/** A provider of the configuration, as far as names go. */
export interface NamedProvider {
  readonly name: string
  readonly driver: Provider
  /** Where it is configured to be, for services that have names by region. */
  readonly region?: string
  /** The names that it is known to have; these are written as the provider does. */
  readonly ids: () => readonly string[]
  /** Whether it is known to have a model of this very name. */
  readonly has: (model: string) => boolean
  /** Its models are listed in the configuration: there are no others. */
  readonly closed: boolean
}

export interface FoundModel {
  readonly provider: string
  readonly model: string
}

export interface Home {
  readonly maker: string
  /** The driver of its service. */
  readonly driver: string
  /** The name to ask for at the provider that is configured, which may have it without our knowing. */
  readonly ask?: string
}

/** Names that one gateway puts between a service and its model to say which of its paths to take. */
const paths: Readonly<Record<string, RegExp>> = { bedrock: /^(?:converse|converse_like|invoke)\// }

/** PaLM's models were taken over by Gemini: https://ai.google.dev/palm_docs/deprecation */
const palm = /^(?:text|chat|code|codechat)-bison(?:$|[-@])/
const inPlaceOfPalm = 'gemini-flash-latest'

export class NameFinder {
  readonly #providers: readonly NamedProvider[]
  readonly #drivers: ReadonlySet<string>
  /** Lists of ids → stem → the ids that have it. */
  readonly #stems = new WeakMap<readonly string[], ReadonlyMap<string, readonly SpelledId[]>>()

  /** `drivers` are the ids of all that there are, configured or not. */
  constructor(providers: readonly NamedProvider[], drivers: ReadonlySet<string>) {
    this.#providers = providers
    this.#drivers = drivers
  }

  /** The deployments that the name can mean: none, the one, or several that nobody but the client can choose from. */
  find(name: string): readonly FoundModel[] {
    const { prefix, rest } = this.#split(name)
    const owners = this.#spelledIn(prefix)
    if (owners.length > 0) return found(owners.map((owner) => this.#under(owner, rest)))
    const exact = this.#ownersOf(
      name,
      this.#providers.filter((provider) => provider.has(name) || provider.ids().includes(name)),
    )
    // Prices are told of more spellings than the service knows.
    if (exact.length > 0) return found(exact.map((provider) => this.#under(provider, name)))
    // A service that is asked for by its name and is not here is not to be replaced by another.
    if (prefix !== undefined && this.#driverOf(prefix) !== undefined && !namesMaker(prefix)) return []
    if (prefix === undefined || namesMaker(prefix)) return this.#findBare(prefix === undefined ? name : rest)
    // Some maker of open models, or a mistyped provider, which is not to be replaced by another either.
    const before = `${prefix.toLowerCase()}/`
    return this.#findBare(name).filter(({ model }) => model.toLowerCase().includes(before))
  }

  /** How the provider writes the model; as it was asked for where it is not known to write it otherwise. */
  modelAt(providerName: string, model: string): string | undefined {
    const provider = this.#providers.find(({ name }) => name === providerName)
    return provider === undefined ? model : this.#under(provider, model)?.model
  }

  #findBare(name: string): readonly FoundModel[] {
    const form = formOf(name)
    const having = this.#providers.flatMap((provider): { provider: NamedProvider; model: string }[] => {
      const model = this.#sameAt(provider, form)
      return model === undefined ? [] : [{ provider, model }]
    })
    const owners = new Set(
      this.#ownersOf(
        name,
        having.map(({ provider }) => provider),
      ),
    )
    if (owners.size > 0)
      return having
        .filter(({ provider }) => owners.has(provider))
        .map(({ provider, model }) => ({ provider: provider.name, model }))
    return palm.test(name) ? found(namesake(this.#using('gemini')).map((provider) => this.#under(provider, name))) : []
  }

  /** For a name that was not found: what its maker's own service is, whether it is configured here or not. */
  homeOf(name: string): Home | undefined {
    const { prefix, rest } = this.#split(name)
    const maker = makerOf(prefix === undefined || !namesMaker(prefix) ? name : rest)
    const [driver] = maker?.drivers ?? []
    if (maker === undefined || driver === undefined) return undefined
    const [provider] = maker.drivers.flatMap((id) => namesake(this.#using(id).filter(({ closed }) => !closed)))
    return { maker: maker.title, driver, ...(provider !== undefined && { ask: `${provider.name}/${rest}` }) }
  }

  /** Of several that have a model its maker's own service, and of several entries of one service the one that is called like it. */
  #ownersOf(name: string, having: readonly NamedProvider[]): readonly NamedProvider[] {
    if (having.length <= 1) return having
    const listed = having.filter(({ closed }) => closed)
    const candidates = listed.length > 0 ? listed : having
    for (const driver of makerOf(name.slice(name.lastIndexOf('/') + 1))?.drivers ?? []) {
      const own = candidates.filter((provider) => provider.driver.id === driver)
      if (own.length > 0) return namesake(own)
    }
    return namesake(candidates)
  }

  #under(provider: NamedProvider, asked: string): FoundModel | undefined {
    const model = asked.replace(paths[provider.driver.id] ?? /$^/, '')
    const written = this.#written(provider, model)
    return written === undefined ? undefined : { provider: provider.name, model: written }
  }

  #written(provider: NamedProvider, model: string): string | undefined {
    const ids = provider.ids()
    if (ids.includes(model)) return model
    if (provider.driver.id === 'gemini' && palm.test(model)) return inPlaceOfPalm
    const same = this.#sameAt(provider, formOf(model))
    return same ?? (provider.closed ? undefined : model)
  }

  #sameAt(provider: NamedProvider, form: ModelForm): string | undefined {
    const ids = provider.ids()
    let stems = this.#stems.get(ids)
    if (stems === undefined) this.#stems.set(ids, (stems = byStem(ids)))
    const same = stems.get(form.stem)
    return same === undefined ? undefined : sameModel(form, same, geographyOf(provider.region))
  }

  /** The providers that a prefix stands for. */
  #spelledIn(prefix: string | undefined): readonly NamedProvider[] {
    if (prefix === undefined) return []
    const named = this.#providers.filter(({ name }) => name === prefix.toLowerCase())
    if (named.length > 0) return named
    const driver = this.#driverOf(prefix)
    return driver === undefined ? [] : namesake(this.#using(driver))
  }

  #driverOf(prefix: string): string | undefined {
    const id = prefix.toLowerCase()
    return this.#drivers.has(id) ? id : driverSpelled(id)
  }

  /** `provider/model`, `@provider/model` or `provider:model`; a colon counts only behind the name of a service, for models have them too. */
  #split(name: string): { prefix: string | undefined; rest: string } {
    const plain = name.replace(/^@(?!cf\/|hf\/)/, '').replace(/^models\//, '')
    const slash = plain.indexOf('/')
    const colon = plain.indexOf(':')
    if (
      colon > 0 &&
      (slash < 0 || colon < slash) &&
      this.#driverOf(plain.slice(0, colon)) !== undefined &&
      colon < plain.length - 1
    )
      return { prefix: plain.slice(0, colon), rest: plain.slice(colon + 1) }
    if (slash <= 0 || slash === plain.length - 1) return { prefix: undefined, rest: plain }
    return { prefix: plain.slice(0, slash), rest: plain.slice(slash + 1) }
  }

  #using(driver: string): NamedProvider[] {
    return this.#providers.filter((provider) => provider.driver.id === driver)
  }
}

function byStem(ids: readonly string[]): ReadonlyMap<string, readonly SpelledId[]> {
  return Map.groupBy(
    ids.map((id) => ({ id, form: formOf(id) })),
    ({ form }) => form.stem,
  )
}

const namesake = (providers: readonly NamedProvider[]): readonly NamedProvider[] => {
  const called = providers.filter(({ name, driver }) => name === driver.id)
  return called.length === 1 ? called : providers
}

const found = (models: readonly (FoundModel | undefined)[]): readonly FoundModel[] =>
  models.filter((model) => model !== undefined)

/** The inference profiles that a region belongs to: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
function geographyOf(region: string | undefined): string | undefined {
  const part = /^([a-z]{2}(?:-gov)?)-/.exec(region ?? '')?.[1]
  return part === 'ap' ? 'apac' : part
}
