/** The signals that end a server: the first asks it to finish, another one to stop at once. */

export type StopSignal = 'SIGTERM' | 'SIGINT'

const stopSignals = ['SIGTERM', 'SIGINT'] as const

/** A terminal sends Ctrl-C to npm and to the gateway, and npm passes its own on: what comes right after is the same keypress. */
const sameKeypressMs = 300

/** Resolves with the first signal; `onSecond` is called for the next one that is not an echo of it. */
export function firstSignal(onSecond: (signal: StopSignal) => void = () => process.exit(1)): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: { readonly signal: StopSignal; readonly at: number } | undefined
    for (const signal of stopSignals) {
      process.on(signal, () => {
        const at = performance.now()
        if (first === undefined) {
          first = { signal, at }
          resolve(signal)
        } else if (signal !== first.signal || at - first.at > sameKeypressMs) onSecond(signal)
      })
    }
  })
}
