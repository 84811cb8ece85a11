import type { MeshSpec } from '../../schema/spec/mesh.ts'

/** A control plane, as a spec declares it. */
interface DeclaredPlane {
  readonly revision: string | undefined
  readonly version: string
  readonly tags: readonly string[]
  /** The suffix of its file names. */
  readonly suffix: string
}

/** Lists the control planes of a spec: those of `revisions`, or the only one. */
export function listDeclaredPlanes({ istio = {} }: Pick<MeshSpec, 'istio'>): readonly DeclaredPlane[] {
  const { version = '1.31.4', revision, revisions } = istio
  if (revisions === undefined) return [{ revision, version, tags: [], suffix: '' }]
  return Object.entries(revisions).map(([name, plane]) => ({
    revision: name,
    version: plane.version ?? version,
    tags: plane.tags ?? [],
    suffix: `-${name}`,
  }))
}

/** Returns the word for the control plane of a namespace. */
export const getRevisionWord = (
  { istio, namespaces }: Pick<MeshSpec, 'istio' | 'namespaces'>,
  namespace: string,
): string | undefined => namespaces?.[namespace]?.revision ?? istio?.revision

/**
 * Finds the control plane that a word names. In a spec without `revisions`, each word names the only control
 * plane.
 */
export const getDeclaredPlane = (spec: Pick<MeshSpec, 'istio'>, word = spec.istio?.revision): DeclaredPlane =>
  listDeclaredPlanes(spec).find(({ revision, tags }) => revision === word || tags.includes(word ?? ''))!
