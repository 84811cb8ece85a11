import { at, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** A ServiceEntry for a host of the cluster would hide the Service, with its endpoints and its mTLS. */
export const externalOutside = defineRule<{ host: string }>(
  {
    code: 'MESH3502',
    severity: 'error',
    summary: 'An external system is outside the cluster',
    message: p => `\`${p.host}\` is a host of the cluster, not outside it`,
    help: () => 'declare it under `services`',
  },
  function* ({ externals }, report) {
    for (const { hosts } of externals) {
      for (const host of hosts) {
        if (!/(^|\.)(svc|cluster\.local)$/.test(host.value)) continue
        yield report(at(writtenAt(host)!), { host: host.value })
      }
    }
  },
)
