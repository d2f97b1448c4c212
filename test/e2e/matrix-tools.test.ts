/** Tools on all four ways through the gateway. */
import { toolCases } from './cases/tools.ts'
import { describeCases } from './matrix.ts'

describeCases(toolCases)
