/**
 * Writes `docs/providers.md`: every service that a configuration can name, with what its file says of it. How it is authenticated is
 * found out by having it sign a request.
 */
import type { Provider, ProviderConfig } from '../../src/kernel/provider.ts'
import type { DriverRegistry } from '../../src/config/types.ts'

const introduction = `# Providers

<!-- Written by \`npm run generate\` from the files in \`src/providers\`. Do not edit. -->

What \`use\` of a provider can name; an entry that is called like a driver needs no \`use\`. Their own keys of the configuration are in
[the reference](configuration.md#providers); \`sluicegate providers\` shows which are configured. Every service can be asked in every
protocol that the gateway serves: a request that comes in one of the protocols listed here goes out as it came, any other is
translated to the first of them.

A path that is marked ✓ stands in the service's own documentation, which is listed with the day it was read. One that is marked ? was taken
from elsewhere: it is likely right, and \`base_url\` or \`use: openai-compatible\` help where it is not. The table says what was
documented, not what was tried with a key.

[Services with protocols of their own](services.md), such as Replicate, have a page that tells how their models are named.

Variables in *italics* are looked at only where the configuration names the provider: they are set for other purposes as well, or belong
to servers that have no address of their own. All others turn their provider on where there is no configuration file.`

const gone = `## Services without a driver

| Service | Why |
| --- | --- |
| Google PaLM | Gemini took its place: \`use: palm\` is answered by \`gemini\`, with a warning. |
| Anyscale Endpoints | Since 2024-08-01 there is no shared address any more: \`use: anyscale\` needs the \`base_url\` of a service of your own. [Model deprecations](https://docs.anyscale.com/endpoints/text-generation/deprecations), read 2026-11-27 |
| Banana | No documentation of a service that can be called was found on 2026-11-27; pages about it speak of the past. |
| Lambda | Its inference API was shut down. [Using the Lambda Inference API](https://docs.lambda.ai/public-cloud/lambda-inference-api), read 2026-11-27 |
| Petals | Its public chat server has an HTTP API that takes forms rather than JSON, without streams, and of which it says itself that it is not for production and may stop at any time. [README](https://github.com/petals-infra/chat.petals.dev), read 2026-11-27. The same repository has a server of OpenAI's protocol (\`openai_api.py\`): run by yourself it is \`use: openai-compatible\`. |`

const mark = 'KEY'

export async function providerReference(registry: DriverRegistry): Promise<string> {
  const rows = await Promise.all(registry.providers.map(rowOf))
  const table = [
    ['Driver', 'Service', 'Speaks', 'Authentication', 'Variable of the key', 'Get a key', 'Regions', 'Documentation'],
    ['---', '---', '---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
  const lines = table.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  return `${[introduction, lines.join('\n'), gone].join('\n\n')}\n`
}

async function rowOf(driver: Provider): Promise<string[]> {
  const { env, optIn, keyUrl, regions, docs } = driver
  return [
    `\`${driver.id}\``,
    driver.title,
    driver.offers
      .map(({ operation, dialect, verified }) => {
        const what = operation === 'chat' ? '' : `${operation}: `
        return `${what}\`${dialect}\` ${verified === true ? '✓' : '?'}`
      })
      .join('<br>'),
    await authenticationOf(driver),
    env.map((name) => (optIn === true ? `*\`${name}\`*` : `\`${name}\``)).join('<br>'),
    keyUrl === undefined ? '' : `[${new URL(keyUrl).hostname}](${keyUrl})`,
    Object.entries(regions ?? {})
      .map(([name, url]) => `\`${name}\`: ${url}`)
      .join('<br>'),
    (docs ?? []).map(({ title, url, read }) => `[${title}](${url}), ${read}`).join('<br>'),
  ]
}

/** The headers that the key goes into, and how. */
async function authenticationOf(driver: Provider): Promise<string> {
  const config = plainConfig(driver)
  const headers = new Set<string>()
  if (config === undefined) return 'its own'
  for (const offer of driver.offers) {
    try {
      const { origin, pathname } = new URL(driver.baseUrl(config))
      const path = `${pathname === '/' ? '' : pathname}${offer.path('a-model', false)}`
      const signed = await driver.sign({ method: 'POST', origin, path, headers: {}, body: null }, config, mark)
      for (const [name, value] of Object.entries(signed.headers))
        if (value.includes(mark))
          headers.add(value === mark ? `\`${name}\`` : `\`${name}: ${value.replace(mark, '…')}\``)
    } catch {
      return 'its own'
    }
  }
  if (headers.size === 0) return driver.keyless === true ? 'none' : 'its own'
  return `${[...headers].join('<br>')}${driver.keyless === true ? '<br>or none' : ''}`
}

/** The least that the driver accepts. */
function plainConfig(driver: Provider): ProviderConfig | undefined {
  return [{}, { base_url: 'https://example.com' }]
    .map((given) => driver.config.safeParse(given))
    .find(({ success }) => success)?.data
}
