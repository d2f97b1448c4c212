/** Plain talk on all four ways through the gateway. */
import { textCases } from './cases/text.ts'
import { describeCases } from './matrix.ts'

describeCases(textCases)
