import type { Mesh } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/** Kiali shows the callers of each service, their encryption, and the configuration. */
export const kialiLogin = defineRule<Record<string, never>>(
  {
    code: 'MESH3604',
    severity: 'error',
    summary: 'Where mTLS is strict, Kiali requires a login',
    reads: ['mtls'],
    message: () => 'anyone may use Kiali without a login, though mTLS is strict here',
    help: () => 'set `login: token`, or use `anonymous` only where `mtls` is `permissive`',
  },
  function* (mesh, report) {
    if (mesh.mtls.value !== 'strict') return
    for (const node of anonymousLogins(mesh))
      yield report(placeAt(node), {}, makeParty(mesh.mtls, 'mTLS is strict'))
  },
)

/** Yields the places where the spec lets anyone in: in its own fields, in a patch, or in an object that passes through. */
function* anonymousLogins({ observability, patches, raw }: Mesh): Iterable<SpecNode> {
  const login = observability.kiali?.login
  // A default of meshc lets no one in.
  if (login?.value === 'anonymous') yield findWrittenPlace(login)!
  const specs = [
    ...patches.filter(({ kind }) => kind === 'Kiali').map(({ spec, origin }) => ({ spec, origin })),
    ...raw
      .filter(({ kind, apiVersion }) => kind === 'Kiali' && apiVersion.startsWith('kiali.io/'))
      .map(({ object, origin }) => ({ spec: readFields(object['spec']), origin })),
  ]
  for (const { spec, origin } of specs)
    if (readFields(spec['auth'])['strategy'] === 'anonymous')
      yield origin.at('spec').at('auth').at('strategy')
}
