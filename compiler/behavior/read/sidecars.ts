import type { ManifestObject } from '../manifest-object.ts'
import type { Sidecar } from '../model.ts'
import { parseProtocol } from '../protocol.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { listAt, mapAt, numberAt, readLabels, readText, readTexts } from './values.ts'

export function readSidecar(source: ManifestObject): Sidecar {
  const spec = mapAt(source.value, 'spec')
  const selector = mapAt(spec, 'workloadSelector')
  const policy = mapAt(spec, 'outboundTrafficPolicy')
  return {
    workloadSelector: selector && readLabels(selector, 'labels'),
    egress: listAt(spec, 'egress').map(listener => {
      const port = mapAt(listener, 'port')
      return {
        port: port && {
          number: numberAt(port, 'number') ?? 0,
          protocol: parseProtocol(readText(port, 'protocol') ?? ''),
          name: readText(port, 'name') ?? '',
        },
        bind: readText(listener, 'bind') ?? '',
        hosts: readTexts(listener, 'hosts').map(readEgressHost),
      }
    }),
    ingress: listAt(spec, 'ingress').map((listener, index) => {
      const port = mapAt(listener, 'port')
      return {
        port: numberAt(port, 'number') ?? 0,
        protocol: parseProtocol(readText(port, 'protocol') ?? ''),
        isBound: readText(listener, 'captureMode') === 'NONE',
        path: ['spec', 'ingress', index],
      }
    }),
    outbound: policy && (readText(policy, 'mode') === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY'),
    ...readObject(source, specFields['Sidecar']),
  }
}

/** `namespace/host`; `~namespace/host` excepts it, `~/*` everything. */
function readEgressHost(written: string) {
  const slash = written.indexOf('/')
  const before = written.slice(0, slash)
  const isExcluded = before.startsWith('~')
  return {
    namespace: isExcluded ? before.slice(1) || '*' : before,
    host: written.slice(slash + 1),
    isExcluded,
  }
}
