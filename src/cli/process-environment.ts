/** The one place that reads the environment of the process; everything else is handed what it needs. */
import type { Environment } from '../config/interpolate.ts'

export const processEnvironment: Environment = process.env
