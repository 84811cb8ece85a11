import type { ManifestObject } from '../manifest-object.ts'
import type { Sidecar } from '../model.ts'
import { protocolOf } from '../protocol.ts'
import { specFields } from './kinds.ts'
import { objectOf } from './object-of.ts'
import { labelsAt, listAt, mapAt, numberAt, textAt, textsAt } from './values.ts'

export function sidecarOf(source: ManifestObject): Sidecar {
  const spec = mapAt(source.value, 'spec')
  const selector = mapAt(spec, 'workloadSelector')
  const policy = mapAt(spec, 'outboundTrafficPolicy')
  return {
    workloadSelector: selector && labelsAt(selector, 'labels'),
    egress: listAt(spec, 'egress').map(listener => {
      const port = mapAt(listener, 'port')
      return {
        port: port && {
          number: numberAt(port, 'number') ?? 0,
          protocol: protocolOf(textAt(port, 'protocol') ?? ''),
          name: textAt(port, 'name') ?? '',
        },
        bind: textAt(listener, 'bind') ?? '',
        hosts: textsAt(listener, 'hosts').map(egressHost),
      }
    }),
    ingress: listAt(spec, 'ingress').map((listener, index) => {
      const port = mapAt(listener, 'port')
      return {
        port: numberAt(port, 'number') ?? 0,
        protocol: protocolOf(textAt(port, 'protocol') ?? ''),
        isBound: textAt(listener, 'captureMode') === 'NONE',
        path: ['spec', 'ingress', index],
      }
    }),
    outbound: policy && (textAt(policy, 'mode') === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY'),
    ...objectOf(source, specFields['Sidecar']),
  }
}

/** `namespace/host`; `~namespace/host` excepts it, `~/*` everything. */
function egressHost(written: string) {
  const slash = written.indexOf('/')
  const before = written.slice(0, slash)
  const isExcluded = before.startsWith('~')
  return {
    namespace: isExcluded ? before.slice(1) || '*' : before,
    host: written.slice(slash + 1),
    isExcluded,
  }
}
