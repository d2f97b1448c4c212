/** How the tests run: worker threads (quicker to start than processes, and nothing here changes directory or keeps global state). */
import { setFlagsFromString } from 'node:v8'
import { defineConfig } from 'vitest/config'
import { thorough } from './src/kernel/testing/depth.ts'

// Little here runs often enough to be worth the last tier of the compiler, which takes a fifth of all the time.
if (!thorough) setFlagsFromString('--no-turbofan')

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    watch: false,
    pool: 'threads',
    maxWorkers: '100%',
    // One module graph for each worker: loading it anew for each file costs as much as half of the tests.
    isolate: false,
    // Only ends what hangs: on a machine that others use too, a process may take its time to start.
    testTimeout: 60_000,
    hookTimeout: 20_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
