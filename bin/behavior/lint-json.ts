import type { At } from '../../compiler/behavior/result.ts'
import { printPointer } from '../../compiler/provenance/paths.ts'
import type { Lint } from './lint-findings.ts'
import type { MeshAtHand } from './mesh.ts'
import { describeConstruct } from './trace-text.ts'

/** Makes the JSON of the findings of lint, for a program. */
export function lintJson({ routes, rules, findings, mtls }: Lint, mesh: MeshAtHand, ok: boolean): object {
  const places = (at: readonly At[]) =>
    at.map(({ object, path }) => ({
      object: `${object.kind}/${object.namespace}/${object.name}`,
      pointer: printPointer(path),
      ...mesh.placeOf({ object, path }),
    }))
  return {
    ok,
    mesh: mesh.name,
    ...(mesh.assumed.length > 0 && { assumed: mesh.assumed }),
    routes,
    rules,
    findings: findings.map(({ part, state, name, at, witness, eatenBy, isAllowedByNothing, unknown }) => ({
      part,
      state,
      name,
      at: places(at),
      ...(witness !== undefined && { witness }),
      ...(eatenBy.length > 0 && {
        eatenBy: eatenBy.map(eater => ({ name: eater.name, at: places(eater.at) })),
      }),
      ...(isAllowedByNothing && { isAllowedByNothing }),
      ...(unknown.length > 0 && { unknown: [...new Set(unknown.map(describeConstruct))] }),
    })),
    mtls: mtls.map(({ at, cells, ...row }) => ({
      ...row,
      at: places(at),
      callers: cells.map(cell => ({ ...cell, at: places(cell.at) })),
    })),
  }
}
