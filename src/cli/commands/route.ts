/** `sluicegate route`: what would become of a request. */
import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { addRouteExplain } from './route-explain.ts'
import { addRouteReplay } from './route-replay.ts'
import { addRouteScript } from './route-script.ts'

export function addRoute(program: Command, context: CommandContext): void {
  const route = program.command('route').description('Tells where requests go, without sending any.')
  addRouteExplain(route, context)
  addRouteReplay(route, context)
  addRouteScript(route, context)
}
