import type { Limits } from '../behavior/budget.ts'
import type { Comparison } from '../behavior/compare/difference.ts'
import { compare, type makeModelReader } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { DestinationRule, ModelObject } from '../behavior/model.ts'
import type { Compilation } from '../compilation.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isMap } from '../source/document.ts'
import type { Claim, Unsaid } from './claim.ts'
import { findInexact } from './exact.ts'
import { makeForeignMesh } from './foreign-mesh.ts'
import { proposeSpec } from './propose.ts'
import type { Tree } from './read-object-spec.ts'
import { listBlocked, listOrphans, listRefuted } from './refute.ts'
import { claimResidue, type EmittedObject } from './residue.ts'
import { type Settled, settleClaims } from './settle.ts'
import { isKindCompared, isKindWritten } from './written-kinds.ts'

/** A spec made from manifests, and the proof of its behavior. */
export interface ImportedMesh {
  readonly settled: Settled
  readonly comparison: Comparison
  /** The objects that stay as patches or raw objects, each with the reason. */
  readonly unsaid: readonly Unsaid[]
  /** Parts of manifests without an effect, each as a sentence. */
  readonly ineffective: readonly string[]
  /** The objects that became a part of the spec. */
  readonly objects: readonly ModelObject[]
  /** The original manifests, and the manifests that the spec emits together with all that remain beside it. */
  readonly before: readonly ManifestObject[]
  readonly after: readonly ManifestObject[]
  /** The manifests of others, as files of the folders that the spec leaves to them. */
  readonly surroundings: readonly ForeignFile[]
}

/** The manifests that are imported, and the names of the spec that they become. */
interface ImportedManifests {
  /** The file that the spec will be: `spec/prod/mesh.yaml`. */
  readonly entry: string
  /** The fields that no manifest has: the names of the mesh and of the environment, and the managed part. */
  readonly head: Tree
  readonly read: ReturnType<typeof makeModelReader>
  /** The manifests, with the gateways that they leave out. */
  readonly objects: readonly ManifestObject[]
  /** The part that is imported; undefined: all. */
  readonly part: Part | undefined
  readonly limits: Limits
}

/** A part of a mesh. The rest stays with its owners, as the surroundings of the spec. */
export interface Part {
  readonly namespaces: ReadonlySet<string>
  /** The folders of the manifests, from the root of the project. */
  readonly folders: readonly string[]
}

/**
 * Makes a spec from the manifests of a mesh, and compares the behavior of both for every request.
 *
 * @throws {UnsettledError} if the language refuses a part that comes from no manifest
 */
export function importMesh({ entry, head, read, objects, part, limits }: ImportedManifests): ImportedMesh {
  const model = read(objects)
  const mesh = makeForeignMesh(model, objects, part?.namespaces)
  const { claims: proposed, unsaid: inexpressible, ineffective } = proposeSpec(mesh)
  const surroundings = part === undefined ? [] : listSurroundings(objects, part)
  const withdrawn = new Map<Claim, string>()
  let round = 0
  for (;;) {
    const held = proposed.filter(claim => !withdrawn.has(claim))
    for (const [claim, reason] of listOrphans(held)) withdrawn.set(claim, reason)
    const kept = held.filter(claim => !withdrawn.has(claim))
    const first = settleClaims(entry, head, kept, surroundings)
    for (const [claim, reason] of first.refused) withdrawn.set(claim, reason)
    const inexact = findInexact(first)
    if (inexact !== undefined) {
      withdrawn.set(...inexact)
      continue
    }
    const isLast = round++ >= mostRounds
    const unsaid = dropRepeated([...inexpressible, ...[...withdrawn].flatMap(listUnsaid)])
    const rules = first.claims.flatMap(({ objects }) => objects).filter(isRule)
    const residue = claimResidue(unsaid, rules, listEmitted(first.compilation))
    const settled =
      residue.length === 0 ? first : settleClaims(entry, head, [...first.claims, ...residue], surroundings)
    const blocked = isLast ? [] : listBlocked(settled, first.claims)
    if (blocked.length > 0) {
      for (const [claim, reason] of blocked) withdrawn.set(claim, reason)
      continue
    }
    const after = placeBeside(settled, objects)
    const comparison = compare(model, read(after), limits)
    const refuted = isLast ? [] : listRefuted(comparison.differences, first.claims, mesh)
    if (refuted.length === 0)
      return {
        settled,
        comparison,
        unsaid: explainUnsaid(unsaid, residue, settled),
        ineffective,
        before: objects,
        after,
        surroundings,
        objects: settled.claims.flatMap(({ objects }) => objects),
      }
    for (const [claim, reason] of refuted) withdrawn.set(claim, reason)
  }
}

/** Drops objects that the spec emits exactly, and lists which of the others stay in their files. */
function explainUnsaid(
  unsaid: readonly Unsaid[],
  residue: readonly Claim[],
  { refused }: Settled,
): readonly Unsaid[] {
  const made = new Set(residue.filter(({ fields }) => fields.length === 0).flatMap(({ objects }) => objects))
  const reasons = new Map(
    [...refused].flatMap(([{ objects }, reason]) => objects.map(object => [object, reason] as const)),
  )
  return unsaid
    .filter(({ object }) => !made.has(object))
    .map(each => {
      const reason = reasons.get(each.object)
      return reason === undefined ? each : { ...each, reason: `it stays where it is: ${reason}` }
    })
}

/** The manifests that a part leaves to their owners, as files of the folders. */
function listSurroundings(
  objects: readonly ManifestObject[],
  { namespaces, folders }: Part,
): readonly ForeignFile[] {
  const texts = new Map<string, string[]>(folders.map(folder => [`${folder}/rest.yaml`, []]))
  for (const { value, file } of objects) {
    const { kind, metadata } = value as { kind: string; metadata: { namespace?: string } }
    const isImported = namespaces.has(metadata.namespace ?? 'default') && isKindWritten({ kind })
    const folder = folders.find(each => file.startsWith(`${each}/`)) ?? folders[0]
    if (!isImported && folder !== undefined) texts.get(`${folder}/rest.yaml`)!.push(JSON.stringify(value))
  }
  return [...texts].map(([name, documents]) => ({ name, text: documents.join('\n---\n') }))
}

const mostRounds = 12

const isRule = (object: ModelObject): object is DestinationRule => object.kind === 'DestinationRule'

/** Lists the objects of a claim that does not hold. */
const listUnsaid = ([{ objects }, reason]: readonly [Claim, string]): readonly Unsaid[] =>
  objects.filter(isKindWritten).map(object => ({ object, reason }))

/** Keeps the first reason of each object: a ServiceEntry has a service for each of its hosts. */
function dropRepeated(unsaid: readonly Unsaid[]): readonly Unsaid[] {
  const seen = new Set<unknown>()
  return unsaid.filter(({ object: { source } }) => !seen.has(source) && seen.add(source))
}

function listEmitted(compilation: Compilation): readonly EmittedObject[] {
  return [...compilation.manifests('for-cluster')].flatMap(({ object }) => {
    if (!isMap(object) || !isMap(object['metadata']) || !isMap(object['spec'])) return []
    const { name, namespace } = object['metadata'] as { name: string; namespace: string }
    return [{ kind: String(object['kind']), name, namespace, spec: object['spec'] }]
  })
}

/** The objects that the spec emits, together with the manifests that it does not express. */
export function placeBeside(
  { compilation, claims }: Pick<Settled, 'compilation' | 'claims'>,
  objects: readonly ManifestObject[],
): readonly ManifestObject[] {
  const imported = new Set(
    claims
      .flatMap(({ objects }) => objects)
      .filter(object => isKindWritten(object) || isKindCompared(object))
      .map(({ source }) => source),
  )
  const byName = new Map(objects.map(object => [nameOfObject(object.value), object]))
  const beside = new Set(objects.filter(object => !imported.has(object)))
  const made = [...compilation.manifests('for-cluster')].map(({ path, object }): ManifestObject => {
    const name = nameOfObject(object)
    const present = byName.get(name)
    if (present !== undefined) beside.delete(present)
    return { value: placeOver(object, present?.value), file: path, line: 1, lineOf: () => 1 }
  })
  return [...beside, ...made]
}

/** An object as a cluster has it after it is applied over one of its name: that keeps its age, and a Namespace its labels. */
function placeOver(object: unknown, present: unknown): unknown {
  if (!isMap(object) || !isMap(present)) return object
  const metadata = { ...(object['metadata'] as Tree) }
  const { creationTimestamp, labels } = present['metadata'] as Tree
  if (creationTimestamp !== undefined) metadata['creationTimestamp'] = creationTimestamp
  if (object['kind'] === 'Namespace' && isMap(labels))
    metadata['labels'] = { ...labels, ...(metadata['labels'] as Tree) }
  return { ...object, metadata }
}
