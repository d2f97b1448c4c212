/** Microsoft's clouds of models: services with one kind of identity. */
export { azureFoundry } from './azure-foundry.ts'
export { azure } from './azure-openai.ts'
export { azureContentSafety } from './content-safety.ts'
