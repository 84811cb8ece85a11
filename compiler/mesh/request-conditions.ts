import type { Allow, Deny } from './mesh.ts'
import type { Sourced, SpecNode } from './sourced.ts'

/** A condition of a rule that only a port with requests can hold. */
interface RequestCondition {
  /** The place of its field. */
  readonly origin: SpecNode
  readonly values: readonly Sourced<unknown>[]
}

/** An allow rule or a deny rule. */
type AccessRule = Pick<Allow, 'origin' | 'methods' | 'paths' | 'headers' | 'claims'> &
  Partial<Pick<Allow, 'jwtRequired' | 'issuers'> & Pick<Deny, 'jwtMissing'>>

/** Lists the conditions of a rule that only a port with requests can hold. */
export function listRequestConditions(rule: AccessRule): readonly RequestCondition[] {
  const { origin, methods, paths, headers, jwtMissing, jwtRequired, issuers = [], claims } = rule
  const conditions = {
    methods,
    paths,
    headers: headers.flatMap(([, values]) => values),
    jwt: [jwtMissing, jwtRequired].filter(word => word !== undefined),
    issuers,
    claims: claims.flatMap(([, values]) => values),
  }
  return Object.entries(conditions)
    .filter(([, values]) => values.length > 0)
    .map(([field, values]) => ({ origin: origin.at(field), values }))
}
