/** Which providers are asked for their models, and how: those whose models nothing else tells, and whichever the configuration says. */
import type { Config } from '../../config/types.ts'
import type { Provider, Signer } from '../../kernel/provider.ts'
import type { Outbound, Transport } from '../../kernel/transport.ts'
import type { ProviderSettings } from '../../config/types.ts'

export interface DiscoverySource {
  /** The provider's name in the configuration. */
  readonly name: string
  readonly transport: Transport
  readonly request: () => Outbound | Promise<Outbound>
  /** Reads the answer where it has a shape of its own. */
  readonly namesIn?: Provider['modelNames']
}

export function discoverySources(
  config: Config,
  providers: readonly Provider[],
  transportOf: (provider: Provider, settings: ProviderSettings) => Transport,
  signerOf: (provider: Provider, settings: ProviderSettings) => Signer,
): DiscoverySource[] {
  const drivers = new Map(providers.map((provider) => [provider.id, provider]))
  const sources: DiscoverySource[] = []
  for (const settings of config.providers.values()) {
    const driver = drivers.get(settings.use)
    if (driver?.modelsPath === undefined || settings.models !== undefined || settings.discover === 'never') continue
    const known = driver.prices !== undefined || driver.models !== undefined
    if (known && settings.discover === 'auto') continue
    const base = new URL(`${driver.baseUrl(settings.options)}${driver.modelsPath}`)
    sources.push({
      name: settings.name,
      transport: transportOf(driver, settings),
      request: () =>
        signerOf(driver, settings).sign(
          {
            method: 'GET',
            origin: base.origin,
            path: `${base.pathname}${base.search}`,
            headers: { accept: 'application/json', 'user-agent': 'sluicegate', ...settings.headers },
            body: null,
          },
          settings.credentials[0],
        ),
      ...(driver.modelNames !== undefined && { namesIn: driver.modelNames }),
    })
  }
  return sources
}
