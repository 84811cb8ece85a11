import { weakMemo } from '../basics/weak-memo.ts'
import type { ControlPlane, Istio, Mesh, Namespace } from './mesh.ts'
import { because, Sourced } from './sourced.ts'

/** Finds the control plane that a word names: its revision, or one of its tags. Without `revisions`, there is one of no other name. */
export function findControlPlane(
  { controlPlanes }: Pick<Istio, 'controlPlanes'>,
  word: Sourced<string> | undefined,
): ControlPlane | undefined {
  return controlPlanes.find(
    ({ revision, tags }) =>
      revision?.value === word?.value || tags.some(({ value }) => value === word?.value),
  )
}

/** The default control plane of namespaces. */
export const getDefaultControlPlane = (istio: Istio): ControlPlane =>
  // The resolver refuses a spec whose `istio.revision` names none of its control planes.
  findControlPlane(istio, istio.revision) ?? istio.controlPlanes[0]!

/** The revision or tag that the pods of a namespace join; undefined: the default control plane. */
export function findRevisionWord(
  { namespaces, istio }: Pick<Mesh, 'namespaces' | 'istio'>,
  name: string,
): Sourced<string> | undefined {
  return (indexNamespaces(namespaces).get(name) ?? istio).revision
}

const indexNamespaces = weakMemo(
  (namespaces: Mesh['namespaces']): ReadonlyMap<string, Namespace> =>
    new Map(namespaces.map(namespace => [namespace.name.value, namespace])),
)

/** The control plane that a word leads to; undefined where others install it, and the spec does not know of it. */
export function followRevision(
  istio: Istio,
  word: Sourced<string> | undefined,
): Pick<ControlPlane, 'revision' | 'version'> | undefined {
  const plane = findControlPlane(istio, word)
  if (plane?.origin === undefined || word === undefined) return plane
  // A moved tag selects another control plane, and so does another word.
  const reasons = [word, ...plane.tags.filter(({ value }) => value === word.value)]
  return {
    revision: plane.revision && because(plane.revision, ...reasons),
    version: because(plane.version, ...reasons),
  }
}

/** The newest version of the control planes: the definitions of kinds are of it, which serve the older ones, too. */
export function findNewestVersion({ controlPlanes }: Istio): Sourced<string> {
  const versions = controlPlanes.map(({ version }) => version)
  const [first] = versions
  if (versions.length === 1) return first!
  const newest = versions
    .map(({ value }) => value)
    .sort(compareVersions)
    .at(-1)!
  return new Sourced(newest, versions)
}

/** Compares two versions of Istio by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [numbers, others] = [parseVersion(a), parseVersion(b)]
  return numbers[0] - others[0] || numbers[1] - others[1] || numbers[2] - others[2]
}

/** The numbers of a version: `1.31.4`. */
export const parseVersion = (version: string): readonly [number, number, number] =>
  // The shape of a version has three numbers.
  version.split('.').map(Number) as [number, number, number]

/** The suffix of the files of a control plane; empty if it is the only one. */
export const getFileSuffix = ({ origin, revision }: ControlPlane): string =>
  origin === undefined || revision === undefined ? '' : `-${revision.value}`
