import type { Allowed } from '../../compiler/behavior/allowed/allowed.ts'
import type { Workload } from '../../compiler/behavior/model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { painter } from '../../compiler/diagnostics/frames.ts'
import { visible } from '../../compiler/diagnostics/visible.ts'
import { canJson } from '../behavior/can-json.ts'
import { canText } from '../behavior/can-text.ts'
import { meshAtHand, meshOptions } from '../behavior/mesh-at-hand.ts'
import { noteRefusals } from '../behavior/refusals.ts'
import { targetsNamed } from '../behavior/target-named.ts'
import { nameOf, workloadNamed } from '../behavior/workload-named.ts'
import { type Command, jsonOption, projectOption } from '../command.ts'
import { limitOptions, limitsOf } from '../limits.ts'

/** Lists what a workload may ask of a service. Ends with 0 if there is anything, 1 if there is nothing. */
export const can: Command = {
  name: 'can',
  argument: '<caller> <service>',
  summary: 'List what a workload may ask of a service, with the rule that allows or refuses it',
  options: [...meshOptions, ...limitOptions, jsonOption, projectOption],
  example: 'meshc can --env prod web my-api',
  async run(context) {
    const { words, options, console } = context
    const [from = '', to = ''] = words
    const mesh = await meshAtHand(context)
    if (mesh === undefined) return 1
    noteRefusals(mesh, console)
    const caller = workloadNamed(from, mesh.model, 'meshc can')
    const targets = targetsNamed(to, mesh.model, caller)
    const { allowed, limitQuestions, unknownResult } = await import('../../compiler/behavior/index.ts')
    const ask = limitQuestions(limitsOf(options))
    const ports = targets.map(({ host, port, protocol }) => {
      const request = { ...requestOf(caller), to: { host, port }, protocol }
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
    const [first] = targets
    const host = first?.host ?? to
    if (first?.note !== undefined) console.note(`note: ${visible(first.note)}`)
    if (options.has('json')) console.printJson(canJson(nameOf(caller), host, ports, mesh))
    else {
      const heading = painter(console.color)(
        'strong',
        visible(`${nameOf(caller)} → ${host}  in ${mesh.name}`),
      )
      console.print([heading, ...ports.flatMap(of => ['', ...canText(of, mesh, console.color)])].join('\n'))
    }
    return ports.some(isAnyAllowed) ? 0 : 1
  },
}

const requestOf = ({
  namespace,
  serviceAccount,
  labels,
}: Workload): Pick<Request, 'from' | 'method' | 'path'> => ({
  from: { namespace, serviceAccount, labels },
  method: 'GET',
  path: '/',
})

const isAnyAllowed = ({ result, lines, open }: Allowed): boolean =>
  open.length > 0 ||
  lines.some(({ verdict }) => verdict === 'ALLOW') ||
  result.outcomes.some(({ verdict }) => verdict === 'ALLOW')
