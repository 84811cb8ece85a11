import { listViolations, printViolation, type TargetKind, type Violation } from '../../schema/conform.ts'
import { findShapeFaults } from '../../schema/crds.ts'
import { findPatchedViolations } from '../../schema/patched.ts'
import type { Diagnostic, Place, SpecPath } from '../diagnostics/diagnostic.ts'
import { findNearestName } from '../diagnostics/suggest.ts'
import type { Mesh, Patch } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'
import { because, unwrap } from '../mesh/sourced.ts'
import { findLifetimeViolations } from './cert-manager/lifetime-violations.ts'
import {
  patchChangesNothing,
  patchMatchesNothing,
  patchTakesPurpose,
  patchViolatesSchema,
  rawInTheWay,
} from './diagnostics.ts'
import type { Manifest } from './manifest.ts'
import { mergeTree } from './merge-tree.ts'
import { makeObjectKey } from './object-key.ts'
import { findLostPurpose, type LostPurpose } from './patched-purpose.ts'
import { unwrapTree } from './plain-tree.ts'
import type { Survey } from './survey.ts'

/** Applies the patches of a mesh, and reports patches without a target. */
interface Patcher {
  apply(manifest: Manifest): Manifest
  isPatched(key: string): boolean
  /** Reports faults of patches and raw objects, after the patches have been applied to all files. */
  check(survey: Survey): readonly Diagnostic[]
}

/** The patcher of a mesh: patches apply in the order of the spec, as merge patches (RFC 7386). */
export function makePatcher(mesh: Mesh): Patcher {
  const patchesByObject = new Map<string, Patch[]>()
  for (const patch of mesh.patches) {
    const key = makeObjectKey(patch)
    patchesByObject.set(key, [...(patchesByObject.get(key) ?? []), patch])
  }
  const unchanged = new Set<Patch>()
  const violated = new Map<Patch, PatchFault>()
  const lost = new Map<Patch, LostPurpose>()
  const apply = (manifest: Manifest): Manifest =>
    (patchesByObject.get(makeObjectKey(manifest)) ?? []).reduce((patched, patch) => {
      const result = patchedManifest(patched, patch)
      if (JSON.stringify(unwrapTree(patched.tree)) === JSON.stringify(unwrapTree(result.tree)))
        unchanged.add(patch)
      const before = new Set(listManifestFaults(patched).map(printed))
      const violation = listManifestFaults(result).find(each => !before.has(printed(each)))
      if (violation !== undefined) violated.set(patch, { violation, near: fieldMeant(violation, result) })
      else {
        const purpose = findLostPurpose(mesh, patched, result)
        if (purpose !== undefined) lost.set(patch, purpose)
      }
      return result
    }, manifest)
  return { apply, isPatched: key => patchesByObject.has(key), check }

  function check({ objects, repeated }: Survey): readonly Diagnostic[] {
    const raws = new Map(mesh.raw.map(raw => [makeObjectKey(raw), raw]))
    const diagnostics = [...raws].flatMap(([key, raw]) =>
      repeated.has(key) ? [rawInTheWay({ path: raw.origin.path }, raw)] : [],
    )
    for (const patch of mesh.patches) {
      const key = makeObjectKey(patch)
      const place = { path: patch.origin.path }
      if (!objects.has(key)) {
        const near = findNearestName(
          key,
          [...objects.keys()].filter(otherObject => otherObject.startsWith(`${patch.kind} `)),
        )
        const why = explainAbsence(mesh, patch)
        const parameters = { ...(near !== undefined && { near }), ...(why !== undefined && { why }) }
        diagnostics.push(patchMatchesNothing(place, { object: key, ...parameters }))
      } else if (violated.has(patch)) {
        const { violation, near } = violated.get(patch)!
        const parameters = { object: key, violation: printed(violation), near }
        diagnostics.push(patchViolatesSchema(getPatchPlace(violation, patch), parameters))
      } else if (lost.has(patch)) {
        const { path, why, help } = lost.get(patch)!
        diagnostics.push(patchTakesPurpose({ path: locatePatch(path, patch) }, { object: key, why, help }))
      } else if (unchanged.has(patch)) diagnostics.push(patchChangesNothing(place, { object: key }))
    }
    return diagnostics
  }
}

/** Explains why the spec has no object of a kind; undefined if its name may be misspelled. */
function explainAbsence(
  { services, access, sidecarScope }: Mesh,
  { kind, namespace, name }: Patch,
): string | undefined {
  if (kind === 'AuthorizationPolicy' && access.value === 'open')
    return 'where `access` is `open`, only a service that sets `allow` has a policy'
  if (kind === 'Sidecar' && sidecarScope.value === 'all')
    return 'sidecars know everything here: set `sidecarScope: declared`, or write the object under `raw`'
  const service = services.find(each => each.name.value === name && each.namespace.value === namespace)
  if (service === undefined || service.ports.length === 0) return undefined
  if (kind === 'DestinationRule' || (kind === 'VirtualService' && service.ports.some(isHttp)))
    return `the spec sets nothing there that Istio does not do by itself: set a field of \`${service.key}\`, or write the object under \`raw\``
  return undefined
}

interface PatchFault {
  readonly violation: Violation
  /** The field of the CRD that a misspelled field resembles. */
  readonly near: string | undefined
}

/** The field that a violation probably means instead of an unknown field. */
function fieldMeant({ path: where, unknownField }: Violation, { tree }: Manifest): string | undefined {
  if (unknownField === undefined) return undefined
  for (const { path, misspelt } of findShapeFaults(unwrapTree(tree) as Fields)) {
    if (misspelt === undefined || misspelt.word !== unknownField) continue
    if (path.slice(0, -1).join('/') === ['spec', ...where].join('/'))
      return findNearestName(misspelt.word, misspelt.words)
  }
  return undefined
}

type Fields = Readonly<Record<string, unknown>>

function patchedManifest(manifest: Manifest, patch: Patch): Manifest {
  const tree = unwrap(manifest.tree) as Readonly<Record<string, unknown>>
  const spec = mergeTree(tree['spec'], patch.spec, patch.origin.at('spec'))
  return { ...manifest, tree: because({ ...tree, spec }, ...manifest.tree.origins) }
}

/** Lists the faults of the spec of a manifest, each with its path from there. */
function listManifestFaults({ kind, tree }: Manifest): readonly Violation[] {
  const object = unwrapTree(tree) as Fields
  const { spec } = object
  // Patches name only kinds that have a target schema.
  const violations = findPatchedViolations(listViolations(kind as TargetKind, spec), object)
  return violations.length === 0 && kind === 'Certificate' ? findLifetimeViolations(spec) : violations
}

/** `spec/http/0: unknown field `rout`` */
const printed = (violation: Violation): string => printViolation('spec', violation)

/** The place of a violation in a patch, as far as the patch sets it. */
function getPatchPlace({ path: where, unknownField }: Violation, patch: Patch): Place {
  const keys = ['spec', ...where, ...(unknownField === undefined ? [] : [unknownField])]
  const path = locatePatch(keys, patch)
  const isWhole = path.length === patch.origin.path.length + keys.length
  return unknownField === undefined || !isWhole ? { path } : { path, part: 'key' }
}

/** The path in the patch for a part of the object, as far as the patch sets it. */
export function locatePatch(keys: SpecPath, { origin, spec }: Patch): SpecPath {
  const path: (string | number)[] = [...origin.path, 'spec']
  let value: unknown = spec
  for (const key of keys.slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return path
    path.push(Array.isArray(value) ? Number(key) : key)
    // `hasOwn` proves that the key exists.
    value = (value as Readonly<Record<string | number, unknown>>)[key]
  }
  return path
}
