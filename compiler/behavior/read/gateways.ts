import type { ManifestObject } from '../manifest-object.ts'
import type { Gateway, GatewayServer, GatewayTls } from '../model.ts'
import { parseProtocol } from '../protocol.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { isTrueAt, listAt, mapAt, numberAt, readLabels, readText, readTexts } from './values.ts'

export function readGateway(source: ManifestObject): Gateway {
  const spec = mapAt(source.value, 'spec')
  const object = readObject(source, specFields['Gateway'])
  return {
    ...object,
    selector: readLabels(spec, 'selector'),
    servers: listAt(spec, 'servers').flatMap((server, index) => {
      const port = mapAt(server, 'port')
      const number = numberAt(port, 'number') ?? 0
      // A socket of the pod, to which no client outside the pod connects.
      if (number === 0) return []
      return {
        index,
        port: {
          number,
          name: readText(port, 'name') ?? '',
          protocol: parseProtocol(readText(port, 'protocol') ?? ''),
        },
        hosts: listHosts(readTexts(server, 'hosts'), object.namespace),
        bind: readText(server, 'bind') ?? '',
        tls: findTls(mapAt(server, 'tls')),
      }
    }),
  }
}

/** All hosts of all namespaces take the place of the others. See sanitizeServerHostNamespace in pilot/pkg/model/gateway.go of istio/istio. */
function listHosts(written: readonly string[], namespace: string): GatewayServer['hosts'] {
  if (written.includes('*/*')) return [{ namespace: '*', host: '*' }]
  return written.map(server => {
    const [before, after] = server.split('/', 2)
    if (after === undefined) return { namespace: '*', host: server }
    return { namespace: before === '.' ? namespace : before!, host: after }
  })
}

function findTls(tls: unknown): GatewayTls | undefined {
  if (tls === undefined) return undefined
  const mode = readText(tls, 'mode') ?? 'PASSTHROUGH'
  return {
    mode: modes.find(knownMode => knownMode === mode) ?? 'PASSTHROUGH',
    httpsRedirect: isTrueAt(tls, 'httpsRedirect'),
    subjectAltNames: readTexts(tls, 'subjectAltNames'),
  }
}

const modes: readonly GatewayTls['mode'][] = [
  'PASSTHROUGH',
  'SIMPLE',
  'MUTUAL',
  'AUTO_PASSTHROUGH',
  'ISTIO_MUTUAL',
  'OPTIONAL_MUTUAL',
]
