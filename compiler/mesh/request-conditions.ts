import type { Deny } from './mesh.ts'
import type { SpecNode } from './sourced.ts'

/** Lists the conditions of a denial that only a port with requests can hold, by their places. */
export function listRequestConditions(denial: Deny): readonly SpecNode[] {
  const { origin, methods, paths, headers, jwtMissing, claims } = denial
  return [
    ...(methods.length > 0 ? [origin.at('methods')] : []),
    ...(paths.length > 0 ? [origin.at('paths')] : []),
    ...(headers.length > 0 ? [origin.at('headers')] : []),
    ...(jwtMissing !== undefined ? [origin.at('jwt')] : []),
    ...(claims.length > 0 ? [origin.at('claims')] : []),
  ]
}
