/** Microsoft's clouds of models: two services with one kind of identity. */
export { azureFoundry } from './azure-foundry.ts'
export { azure } from './azure-openai.ts'
