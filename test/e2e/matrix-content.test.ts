/** Pictures, documents, schemas and citations on all four ways through the gateway. */
import { contentCases } from './cases/content.ts'
import { describeCases } from './matrix.ts'

describeCases(contentCases)
