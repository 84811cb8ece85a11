import type { Allowed } from '../../compiler/behavior/allowed/allowed.ts'
import { describeUnmodelledReason } from '../../compiler/behavior/index.ts'
import type { At, Unmodelled } from '../../compiler/behavior/result.ts'
import { printPointer } from '../../compiler/provenance/paths.ts'
import type { MeshAtHand } from './mesh.ts'
import { convertRefusal } from './refusals.ts'
import { traceJson } from './trace-json.ts'

/** The port takes at least one request of the caller. */
export const isAnyAllowed = ({ result, lines, open }: Allowed): boolean =>
  open.length > 0 ||
  lines.some(({ verdict }) => verdict === 'ALLOW') ||
  result.outcomes.some(({ verdict }) => verdict === 'ALLOW')

/** Makes the JSON of the requests that a caller may make at each port, for a program. */
export function canJson(caller: string, host: string, ports: readonly Allowed[], mesh: MeshAtHand): unknown {
  const atJson = ({ object, path }: At) => ({
    object: `${object.kind}/${object.namespace}/${object.name}`,
    pointer: printPointer(path),
    ...mesh.placeOf({ object, path }),
  })
  const unknownJson = (unmodelled: Unmodelled) => ({
    ...atJson(unmodelled),
    ...(unmodelled.reason && { reason: describeUnmodelledReason(unmodelled.reason) }),
  })
  return {
    ok: ports.some(isAnyAllowed),
    mesh: mesh.name,
    ...(mesh.assumed.length > 0 && { assumed: mesh.assumed }),
    ...(mesh.model.refused.length > 0 && {
      refused: mesh.model.refused.map(refusal => convertRefusal(refusal, mesh)),
    }),
    caller,
    host,
    ports: ports.map(({ request, result, workloads, lines, open }) => ({
      port: request.to.port,
      protocol: request.protocol,
      workloads,
      lines: lines.map(
        ({ verdict, at, source, operation, when, workloads: where, request: tried, unknown }) => ({
          verdict,
          rule: atJson(at),
          ...(source !== undefined && { from: source }),
          ...(operation !== undefined && { to: operation }),
          ...(when.length > 0 && { when }),
          workloads: where,
          tried,
          ...(unknown.length > 0 && { unknown: unknown.map(unknownJson) }),
        }),
      ),
      open,
      else: traceJson(request, result, mesh, []),
    })),
  }
}
