import type { ModelObject } from '../behavior/model.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'

/**
 * A part of a spec that expresses some objects. It is accepted or rejected as a whole: if the language refuses it, or the comparison
 * refutes it, its objects stay unchanged.
 */
export interface Claim {
  /** The objects that it speaks for. */
  readonly objects: readonly ModelObject[]
  /** The fields that it sets. Two claims that set a list at one path add up; of two other values the later one counts. */
  readonly fields: readonly Field[]
  /**
   * True if it is valid only if the spec emits its objects exactly as they are: no comparison of requests can refute it, or its
   * objects follow from the whole spec. Of several such claims, later ones are tried with the fields of earlier ones, and withdrawn
   * first.
   */
  readonly isExact?: boolean
}

/** A field of a spec: its path, its value, and a comment for the reader. No value: an earlier claim is not to set it. */
export interface Field {
  readonly path: SpecPath
  readonly value: unknown
  readonly comment?: string
}

/** An object, or a part of it, that the language does not say. */
export interface Unsaid {
  readonly object: ModelObject
  /** The reason, as a part of a sentence about the object: `it denies requests`. */
  readonly reason: string
}

/** The claims about the objects of some kinds, and the remaining objects. */
export interface Proposal {
  readonly claims: readonly Claim[]
  readonly unsaid: readonly Unsaid[]
  /** Objects, or parts of them, without an effect, each as a sentence: they are left out. */
  readonly ineffective: readonly string[]
}

export const joinProposals = (proposals: readonly Proposal[]): Proposal => ({
  claims: proposals.flatMap(({ claims }) => claims),
  unsaid: proposals.flatMap(({ unsaid }) => unsaid),
  ineffective: proposals.flatMap(({ ineffective }) => ineffective),
})

/** Tells whether a claim makes a Service, or a workload that only calls, a part of the spec. */
export const isOfService = ({ fields }: Claim): boolean =>
  fields.some(({ path: [section, , field] }) => section === 'services' && field === 'namespace')

/** The key of an object among others: its kind, namespace and name. */
export const makeModelKey = ({
  kind,
  namespace,
  name,
}: Pick<ModelObject, 'kind' | 'namespace' | 'name'>): string => `${kind} ${namespace}/${name}`
