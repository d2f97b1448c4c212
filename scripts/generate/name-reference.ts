/** Writes `docs/model-names.md`: how a name leads to a model, and all that providers are called. */
import { makers } from '../../src/pipeline/names/makers.ts'
import { providerSpellings } from '../../src/pipeline/names/provider-spellings.ts'

const intro = `# Names of models

<!-- Written by \`npm run generate\` from \`src/pipeline/names\`. Do not edit. -->

What clients may write as \`model\`. The first of these that fits decides:

1. A name of the configuration: a model, an alias or a router.
2. \`provider/model\`, with a provider's name in the configuration. Everything behind the first slash is the model, as the provider writes it. A
   name that the service is not known to have, but has in another spelling, is rewritten: \`anthropic/claude-sonnet-4.5\` asks for
   \`claude-sonnet-4-5\`. Any other name is passed on as it is, so models that are newer than the gateway work.
3. \`service/model\`, \`@service/model\` or \`service:model\`, with what other gateways and libraries call a service ([below](#services)).
   Whatever name the provider has in the configuration, it is found by its driver.
4. A bare name. It belongs to the provider that has such a model; of several the one that lists it under \`models\`, else
   [its maker's own service](#makers), else the one that is called like its driver. Makers may stand in front (\`meta-llama/…\`, \`x-ai/…\`).

A name that can mean several is not guessed: the answer is 400 \`ambiguous_model\`, and names them. A key that may use only one of them gets
that one. A name that nobody has is 404 \`model_not_found\`, with the nearest names and where such a model is to be had.

**Spelling.** Capitals, dots and dashes, the maker in front, versions of Bedrock (\`-v1:0\`) and the order of words in Claude's names make no
difference: \`claude-3.5-haiku\`, \`anthropic.claude-3-5-haiku-…\` and \`claude-haiku-3-5\` are one model. A date does: who asks for \`gpt-4o-2024-08-06\` gets that
version or what the provider says to it, never another. Without a date it is the undated name, else \`-latest\`, else the newest. At
Bedrock the inference profile of the provider's region is taken (\`eu.…\` in \`eu-central-1\`), else the global one; one that is named is kept.

Names of deployments on Azure, Databricks and SageMaker, and of servers of your own, are yours: they are never rewritten.

PaLM's models (\`text-bison\`, \`chat-bison\`) are no more; \`gemini-flash-latest\` answers for them, as \`x-sluicegate-model\` tells.

Nothing of this leads to a provider that is not configured, or lets a key use what it may not: keys are checked against the name that was
asked for and against the deployment that it leads to. Costs and records are those of the deployment.
`

export function nameReference(): string {
  const services = [...providerSpellings].map(
    ([driver, names]) => `| \`${driver}\` | ${names.map((name) => `\`${name}\``).join(', ')} |`,
  )
  const home = makers.map(
    ({ title, drivers, prefixes }) =>
      `| ${title} | ${prefixes.map((prefix) => `\`${prefix}\``).join(', ')} | ${drivers.map((driver) => `\`${driver}\``).join(', ')} |`,
  )
  return `${intro}
## Services

Beside its own name every driver is found by these. They are what LiteLLM, Portkey, OpenRouter, Pydantic AI, LangChain and models.dev write.

| Driver | Also written |
| --- | --- |
${services.join('\n')}

## Makers

| Maker | In front of a model | Its own service |
| --- | --- | --- |
${home.join('\n')}
`
}
