/** Writes `docs/faults.md` from the catalogue of faults, so that the page and the code cannot differ. */
import { faultCatalogue } from '../../src/model/fault.ts'
import type { FaultSide } from '../../src/model/fault.ts'

const sides: Readonly<Record<FaultSide, { title: string; about: string }>> = {
  client: { title: 'The request', about: 'The request has to change before it can succeed.' },
  gate: { title: 'The gateway', about: 'The gateway or one of its limits stands in the way.' },
  provider: {
    title: 'The provider',
    about: 'The side of the model failed. Other targets of a router have been tried already, where that could help.',
  },
}

export function faultReference(): string {
  const sections = Object.entries(sides).map(([side, { title, about }]) => {
    const rows = Object.entries(faultCatalogue)
      .filter(([, kind]) => kind.side === side)
      .map(
        ([code, kind]) =>
          `| \`${code}\` | ${kind.status} | ${kind.retryable ? 'yes' : 'no'} | ${kind.about.replaceAll('|', '\\|')} |`,
      )
    return [
      `## ${title}`,
      about,
      ['| Code | Status | Retry | What it means and what to do |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ].join('\n\n')
  })
  return `# Faults

<!-- Written by \`npm run generate\` from \`src/model/fault.ts\`. Do not edit. -->

Whatever goes wrong has one of these codes. An error comes in the shape of the protocol that the client speaks; the code is in
the header \`x-sluicegate-fault\` and, where the protocol has a place for it, in the body. “Retry” tells whether the same request
may succeed later.

${sections.join('\n\n')}
`
}
