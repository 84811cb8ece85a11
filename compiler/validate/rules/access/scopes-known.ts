import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A scope follows from edges, and callers of an open service declare no edge: their scope would lack the service. */
export const scopesKnown = defineRule<Record<never, never>>(
  {
    code: 'MESH3417',
    severity: 'error',
    summary: 'A spec that declares the scopes of sidecars declares who may call',
    message: () =>
      'the scope of a sidecar is made of `allow`, and where access is `open` services are called without it',
    help: () => 'remove `sidecarScope: declared`, or set `access: declared` and name the callers in `allow`',
  },
  function* ({ access, sidecarScope }, report) {
    if (access.value !== 'open' || sidecarScope.value !== 'declared') return
    yield report(placeAt(sidecarScope.place!), {}, makeParty(access, 'access is open'))
  },
)
