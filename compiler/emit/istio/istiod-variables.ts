import type { Mesh } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'
import { allowKeyFetching } from './key-fetching.ts'

/**
 * Lists the environment variables of istiod by their names; undefined without variables. See istio pilot/pkg/features/pilot.go,
 * `ENABLE_NATIVE_SIDECARS`.
 */
export function listIstiodVariables(mesh: Mesh): Readonly<Record<string, Sourced<string>>> | undefined {
  const { native } = mesh.istio.proxy
  const variables = {
    ...allowKeyFetching(mesh),
    ...(native && { ENABLE_NATIVE_SIDECARS: native.map(word => String(word === 'on')) }),
  }
  return Object.keys(variables).length > 0 ? variables : undefined
}
