/** The examples in the configuration reference, by section. A test and the documentation check hold them against the schema. */

export const overview = `server:    { host: 127.0.0.1, port: 8080 }
data:      { dir: ./data }
providers:
  openai:  { credentials: "\${OPENAI_API_KEY}" }
  claude:  { use: anthropic, credentials: ["\${KEY_A}", "\${KEY_B}"] }
  local:   { use: openai-compatible, base_url: "http://127.0.0.1:8000", models: [llama-3.3-70b] }
models:
  gpt-4o:  { deployments: [{ provider: openai, model: gpt-4o-2024-11-20 }] }
aliases:   { fast: openai/gpt-4o-mini }
routers:
  main:    { strategy: fallback, targets: [gpt-4o, claude/claude-sonnet-4-5] }
keys:
  - { name: ci, secret: "\${CI_KEY}", models: ["*"], limits: { requests: 600/min, tokens: 1000000/day } }`

export const examples: Readonly<Record<string, string>> = {
  server: `server:
  host: 0.0.0.0
  port: "\${PORT:-8080}"
  body_limit: 64MiB
  drain_timeout: 1m`,
  responses: `responses:
  retention: 7d
  conversation_retention: 90d
  max_stored_bytes: 50GiB
  background: { max_running: 16, timeout: 2h }`,
  providers: `providers:
  openai: {}                         # its key from OPENAI_API_KEY
  claude:
    use: anthropic
    credentials: ["\${KEY_A}", "\${KEY_B}"]
    timeouts: { first_byte: 2m }
  local:
    use: openai-compatible
    base_url: http://127.0.0.1:8000
    models:
      llama-3.3-70b: { max_output: 8192 }
    prices: { input: 0, output: 0 }  # costs nothing, so budgets can count it`,
  models: `providers:
  openai: {}
  local: { use: openai-compatible, base_url: "http://127.0.0.1:8000" }
models:
  chat-large:
    deployments:
      - { provider: openai, model: gpt-4o-2024-11-20 }
      - { provider: local, model: llama-3.3-70b, max_output: 8192 }`,
  aliases: `providers:
  openai: {}
aliases:
  fast: openai/gpt-4o-mini
  gpt-3.5-turbo: fast`,
  routers: `providers:
  openai: {}
  anthropic: {}
routers:
  main:
    strategy: fallback
    targets:
      - openai/gpt-4o
      - target: anthropic/claude-sonnet-4-5`,
  keys: `keys:
  - name: team-search
    secret: "\${SEARCH_KEY}"
    models: ["openai/gpt-4o*", "claude-*"]
    limits:
      requests: [20/second, 600/min]
      tokens: 2M/day
    budget:
      - { usd: 25, per: day }
      - { usd: 400, per: month }
    expires: 2027-01-31`,
  timeouts: `timeouts:
  first_byte: 90s
  total: 5m`,
  retries: `retries: { rounds: 3, base_delay: 500ms }`,
  prices: `providers:
  openai: {}
prices:
  openai/gpt-4o:
    input: { base: 2.5, tiers: [{ above: 200000, rate: 5 }] }
    cache_read: 1.25
    output: 10`,
}
