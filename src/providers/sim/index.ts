/** The simulator's driver, where the list of built-in drivers looks for it. */
export { simProvider } from './provider.ts'
