import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { BehaviorModel, Workload } from '../behavior/model.ts'
import { listAt, mapAt, readText } from '../behavior/read/values.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import type { ControlPlaneMove, MovedPlane, Notice } from './notices.ts'
import type { Parties } from './parties.ts'
import type { Side } from './side.ts'
import type { SpecEdit } from './spec-edits.ts'

/** Both sides of a change. */
interface Sides<Part> {
  readonly before: Part
  readonly after: Part
}

/**
 * Lists the namespaces that move to another control plane, and the control planes with an in-place upgrade. No other section of the
 * report shows this: the result of each request is the same, and a pod keeps its proxy until it restarts.
 */
export function noticeMoves(
  sides: Sides<Side>,
  models: Sides<BehaviorModel>,
  edits: readonly SpecEdit[],
  parties: Parties | undefined,
): readonly Notice[] {
  return listNamespaceMoves(sides, models).map(({ namespaces, from, to }) => {
    const names = (proxy: Workload['proxy']) => [
      ...new Set(
        models.after.workloads
          .filter(workload => namespaces.includes(workload.namespace) && workload.proxy === proxy)
          .map(({ namespace, name }) => parties?.workloads.get(`${namespace}/${name}`) ?? name),
      ),
    ]
    const move = { namespaces, from, to, workloads: names('sidecar'), gateways: names('gateway') }
    return {
      gate: undefined,
      words: describeMove(move),
      at: findEdit(edits, move)?.at,
      parties: { callers: ['*'], destinations: ['*'] },
      move,
    }
  })
}

/** Lists the moving namespaces one by one, and the namespaces of each upgraded control plane together. */
function listNamespaceMoves(
  sides: Sides<Side>,
  models: Sides<BehaviorModel>,
): readonly Pick<ControlPlaneMove, 'namespaces' | 'from' | 'to'>[] {
  const planes = { before: listPlanes(sides.before), after: listPlanes(sides.after) }
  const moves = new Map<string, { namespaces: string[]; from: MovedPlane; to: MovedPlane }>()
  for (const [namespace, { labels }] of models.after.namespaces) {
    const was = models.before.namespaces.get(namespace)
    const from = was && findPlane(was.labels, planes.before)
    const to = findPlane(labels, planes.after)
    if (from === undefined || to === undefined) continue
    const isSame = from.revision === to.revision
    // The version is unknown if others install the control plane.
    if (isSame && (!from.version || !to.version || from.version === to.version)) continue
    const key = isSame ? `control plane ${to.revision}` : `namespace ${namespace}`
    const move = moves.get(key)
    if (move === undefined) moves.set(key, { namespaces: [namespace], from, to })
    else move.namespaces.push(namespace)
  }
  return [...moves.values()]
}

function describeMove({ namespaces, from, to, workloads, gateways }: ControlPlaneMove): string {
  const restarts = [...workloads, ...gateways]
  const pods = restarts.length === 0 ? 'its pods' : `the pods of ${listSomeQuoted(restarts)}`
  return from.revision === to.revision
    ? `control plane \`${to.revision}\` goes from Istio ${from.version} to ${to.version}: ${pods} must restart for its proxy`
    : `namespace ${listSomeQuoted(namespaces)} moves from control plane ${describeMovedPlane(from)} to ${describeMovedPlane(to)}: ${pods} must restart`
}

const describeMovedPlane = ({ revision, version }: MovedPlane): string =>
  version === undefined ? `\`${revision}\`` : `\`${revision}\` (Istio ${version})`

const mostNamed = 10

const listSomeQuoted = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? listQuoted(names)
    : `${names
        .slice(0, mostNamed)
        .map(name => `\`${name}\``)
        .join(', ')} and ${names.length - mostNamed} more`

/** Finds the edit that causes a move; an edit of the namespace itself comes first. */
const findEdit = (edits: readonly SpecEdit[], { namespaces }: ControlPlaneMove): SpecEdit | undefined =>
  edits.find(({ path }) => path === `namespaces.${namespaces[0]}.revision`) ??
  edits.find(({ path }) => path === `namespaces.${namespaces[0]}`) ??
  edits.find(({ path }) => /^istio\.(revision|revisions|version)(\.|$)/.test(path)) ??
  edits.find(({ path }) => path === 'istio')

/** A control plane of an IstioOperator. */
interface Plane extends MovedPlane {
  readonly tags: readonly string[]
}

const listPlanes = ({ files }: Side): readonly Plane[] =>
  files.flatMap(({ objects }) => objects.flatMap(readPlane))

function readPlane({ value }: ManifestObject): readonly Plane[] {
  if (readText(value, 'kind') !== 'IstioOperator') return []
  const spec = mapAt(value, 'spec')
  const tags = listAt(mapAt(spec, 'values'), 'revisionTags').filter(tag => typeof tag === 'string')
  return [{ revision: readText(spec, 'revision') ?? withoutRevision, version: readText(spec, 'tag'), tags }]
}

/** The label of a control plane without a revision. */
const withoutRevision = 'default'

/** Finds the control plane that injects the pods of a namespace with these labels; undefined: none does. */
function findPlane(
  labels: Readonly<Record<string, string>>,
  planes: readonly Plane[],
): MovedPlane | undefined {
  const injection = labels['istio-injection']
  if (injection !== undefined && injection !== 'enabled') return undefined
  // If a namespace has both labels, the older label decides.
  const word = injection === undefined ? labels['istio.io/rev'] : withoutRevision
  if (word === undefined) return undefined
  const plane = planes.find(({ revision, tags }) => revision === word || tags.includes(word))
  return { revision: plane?.revision ?? word, version: plane?.version }
}
