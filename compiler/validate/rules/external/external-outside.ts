import { anyAddress } from '../../../mesh/external-lookup.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A ServiceEntry for a host of the cluster would hide the Service, with its endpoints and its mTLS. */
export const externalOutside = defineRule<{ host: string; isOwn: boolean }>(
  {
    code: 'MESH3502',
    severity: 'error',
    summary: 'An external system is outside the cluster',
    message: p =>
      p.isOwn
        ? `\`${p.host}\` is the pod of the caller itself`
        : `\`${p.host}\` is a host of the cluster, not outside it`,
    help: p =>
      p.isOwn
        ? 'use the address at which other pods reach it; a container of the same pod is not an external system'
        : 'declare it under `services`',
  },
  function* ({ externals }, report) {
    for (const { hosts, addresses } of externals) {
      for (const host of hosts) {
        if (!/(^|\.)(svc|cluster\.local)$/.test(host.value)) continue
        yield report(placeAt(findWrittenPlace(host)!), { host: host.value, isOwn: false })
      }
      for (const address of addresses) {
        // The range of every address means `any`.
        if (!/^(127|0)\./.test(address.value) || address.value === anyAddress) continue
        yield report(placeAt(findWrittenPlace(address)!), { host: address.value, isOwn: true })
      }
    }
  },
)
