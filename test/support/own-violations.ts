import { isOfPassed } from '../../compiler/emit/istio/passed-settings.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import {
  findManifestViolations,
  isManifestKind,
  listManifestViolations,
  listViolations,
  type TargetKind,
} from '../../schema/conform.ts'
import { readRecord } from '../../schema/json-schema.ts'

/** Lists the violations of a manifest from meshc, without those of settings that the spec passes through. */
export function listOwnViolations(mesh: Mesh, manifest: unknown): readonly unknown[] {
  const object = readRecord(manifest)
  const { kind } = object
  return isManifestKind(kind)
    ? listManifestViolations(kind, object).filter(violation => !isOfPassed(mesh, kind, violation))
    : findManifestViolations(manifest)
}

/** Lists the violations of the values of a chart, without those of settings that the spec passes through. */
export const listOwnValueViolations = (mesh: Mesh, kind: TargetKind, values: unknown): readonly unknown[] =>
  listViolations(kind, values).filter(violation => !isOfPassed(mesh, kind, violation))
