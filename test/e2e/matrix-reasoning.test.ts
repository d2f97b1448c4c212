/** Reasoning on all four ways through the gateway. */
import { reasoningCases } from './cases/reasoning.ts'
import { describeCases } from './matrix.ts'

describeCases(reasoningCases)
