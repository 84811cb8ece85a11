import type { Allowed } from '../../compiler/behavior/allowed/allowed.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { findCallers, type NamedCaller } from './caller-named.ts'
import { canJson, isAnyAllowed } from './can-json.ts'
import { canText } from './can-text.ts'
import { loadMesh, splitCaller } from './mesh-at-hand.ts'
import { noteRefusals } from './refusals.ts'
import { makeFrom } from './request-typed.ts'
import { shareAnswer } from './shared-answer.ts'
import { findTargets, type Target } from './target-named.ts'

/** Lists the requests of a workload that a service allows. Ends with 0 if there are any, 1 if there are none. */
export async function runCan(context: Context): Promise<ExitCode> {
  const { words, options, terminal } = context
  const [caller = '', to = ''] = words
  const { word: from = '', cluster } = splitCaller(caller)
  const mesh = await loadMesh(context, [], cluster)
  if (mesh === undefined) return 1
  noteRefusals(mesh, terminal)
  const callers = findCallers(from, mesh, 'meshc can')
  const {
    findAllowed: allowed,
    limitQuestions,
    makeUnknownResult: unknownResult,
  } = await import('../../compiler/behavior/index.ts')
  const ask = limitQuestions(readLimits(options))
  const answers = callers.map(caller => {
    const targets = findTargets(to, mesh, caller.kind === 'outside' ? caller : caller.from)
    const ports = targets.map(target => {
      const request = makeAskedRequest(caller, target)
      return ask<Allowed>(
        () => allowed(mesh.model, request),
        reason => ({
          request,
          result: unknownResult(mesh.model, request, reason),
          workloads: [],
          lines: [],
          open: [],
        }),
      )
    })
    const [target] = targets
    const name =
      caller.kind === 'inside' ? caller.name : `a client outside, through ${ports[0]?.result.client ?? from}`
    return { name, target, ports, comparable: ports.map(port => canText(port, mesh, false)) }
  })
  const { target, ports } = shareAnswer({ word: from, what: 'meshc can' }, answers)
  const name = answers.map(answer => answer.name).join(', ')
  const host = target?.host ?? to
  if (target?.note !== undefined) terminal.note(`note: ${makeTextVisible(target.note)}`)
  if (options.has('json')) terminal.printJson(canJson(name, host, ports, mesh))
  else {
    const heading = makePainter(terminal.color)(
      'strong',
      makeTextVisible(`${name} → ${host}  in ${mesh.name}`),
    )
    terminal.print(
      [heading, ...ports.flatMap(givenPort => ['', ...canText(givenPort, mesh, terminal.color)])].join('\n'),
    )
  }
  return ports.some(isAnyAllowed) ? 0 : 1
}

const makeAskedRequest = (caller: NamedCaller, target: Target): Request => ({
  from: makeFrom(caller, target),
  ...(caller.kind === 'inside' && caller.hasNoSidecar && { plaintext: true }),
  to: { host: target.host, port: target.port },
  protocol: target.protocol,
  method: 'GET',
  path: '/',
})
