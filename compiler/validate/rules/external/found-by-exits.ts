import { findLookup } from '../../../mesh/external-lookup.ts'
import type { External, Through } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A gateway knows the name of a door, and not the address that a caller has dialled. */
export const foundByExits = defineRule<{ name: string; gateway: string; why: string; help: string }>(
  {
    code: 'MESH3320',
    severity: 'error',
    summary: 'An egress gateway finds the address of an external system by its host',
    message: p => `\`${p.name}\` cannot go through \`${p.gateway}\`: ${p.why}`,
    help: p => p.help,
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, through } = external
      const misfit = through && findMisfit(external)
      if (through === undefined || misfit === undefined) continue
      const { at, why, help } = misfit
      const params = { name, gateway: through.gateway.name.value, why, help }
      yield report(placeAt(findWrittenPlace(through.word)!), params, makeParty(at, 'because of this'))
    }
  },
)

interface Misfit {
  readonly at: Sourced<unknown> | undefined
  readonly why: string
  readonly help: string
}

function findMisfit(external: External & { readonly through: Through | undefined }): Misfit | undefined {
  const { hosts, port, addresses, resolution } = external
  const wildcard = hosts.find(({ value }) => value.startsWith('*'))
  if (wildcard !== undefined)
    return {
      at: wildcard,
      why: 'one of its hosts is a wildcard, which has no address',
      help: 'list the hosts, or remove the `through`',
    }
  if (port.protocol.value === 'tcp')
    return {
      at: port.protocol,
      why: 'it speaks TCP, which names no host',
      help: 'set `port: { tls: … }` if callers speak TLS, or remove the `through`',
    }
  if (findLookup(external).value === 'none')
    return {
      at: resolution ?? addresses[0],
      why: 'the caller looks the host up, and the gateway does not hear of the address',
      help: 'set `resolution: dns`, list `endpoints`, or remove the `through`',
    }
  return undefined
}
