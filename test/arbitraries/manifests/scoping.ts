import type { Draw } from './draw.ts'
import { type KubernetesObject, object } from './kubernetes-object.ts'
import { type DrawnService, namespaces, rootNamespace } from './workloads.ts'

/** Draws the external systems that the mesh knows. */
export function drawServiceEntries(draw: Draw): readonly KubernetesObject[] {
  const kinds: readonly ((namespace: string) => KubernetesObject)[] = [
    namespace =>
      object('ServiceEntry', namespace, 'payments', {
        hosts: ['api.payments.example'],
        ports: [
          { number: 80, name: 'http', protocol: 'HTTP' },
          { number: 443, name: 'https', protocol: 'TLS' },
        ],
        resolution: 'DNS',
        location: 'MESH_EXTERNAL',
        ...draw.maybe(20, 'exportTo', () => draw.pick([['.'], ['*']])),
      }),
    namespace =>
      object('ServiceEntry', namespace, 'wild', {
        hosts: ['*.partners.example'],
        ports: [
          { number: 80, name: 'http', protocol: 'HTTP' },
          { number: 443, name: 'tls', protocol: 'TLS' },
        ],
        resolution: 'NONE',
        location: 'MESH_EXTERNAL',
      }),
    namespace =>
      object('ServiceEntry', namespace, 'warehouse', {
        hosts: ['warehouse.example'],
        addresses: ['192.0.2.10'],
        ports: [{ number: 5432, name: 'tcp', protocol: 'TCP' }],
        resolution: 'STATIC',
        location: 'MESH_EXTERNAL',
        endpoints: [{ address: '192.0.2.10' }],
      }),
    namespace =>
      object('ServiceEntry', namespace, 'mainframe', {
        hosts: ['mainframe.example'],
        ports: [{ number: 8080, name: 'http', protocol: 'HTTP' }],
        resolution: 'DNS',
        location: draw.pick(['MESH_EXTERNAL', 'MESH_INTERNAL']),
        endpoints: [{ address: 'one.mainframe.example' }, { address: 'two.mainframe.example' }],
      }),
  ]
  return draw.some(kinds, 0, 3).map(make => make(draw.pick(namespaces)))
}

export function drawSidecars(draw: Draw, services: readonly DrawnService[]): readonly KubernetesObject[] {
  const places = draw.percent(35) ? draw.some([...namespaces, rootNamespace], 1, 2) : []
  return places.map(namespace => {
    const selector =
      namespace !== rootNamespace && draw.percent(30)
        ? services.find(service => service.namespace === namespace)
        : undefined
    const hosts = [
      './*',
      ...draw.times(0, 3, () => {
        const { namespace: place, host } = draw.pick(services)
        return draw.pick([`${place}/*`, `${place}/${host}`, `*/${host}`, `*/*.${place}.svc.cluster.local`])
      }),
    ]
    return object('Sidecar', namespace, selector === undefined ? 'default' : selector.name, {
      ...(selector !== undefined && { workloadSelector: { labels: { app: selector.name } } }),
      egress: [{ hosts: draw.percent(15) ? ['*/*'] : [...new Set(hosts)] }],
      ...draw.maybe(35, 'outboundTrafficPolicy', () => ({ mode: draw.pick(['REGISTRY_ONLY', 'ALLOW_ANY']) })),
    })
  })
}
