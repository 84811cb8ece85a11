import * as assert from 'uvu/assert'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P26. Each system behind an egress gateway has a route and a policy there, and only allowed callers reach
 * it.
 */
property(
  26,
  'each host that goes through an egress gateway has a door there, callers are sent to it, and only they get through',
  ['requests', 'TLS of callers', 'a service', 'a namespace', 'anyone', 'an open system', 'proxies of others'],
  (compilation, { spec, externals, trustDomain, services }, saw) => {
    const through = externals.filter(external => spec.external?.[external.key]?.through !== undefined)
    if (through.length === 0) return
    const { workload, namespace: home = 'istio-egress', ports } = spec.gateways!['outbound']!
    const port = ports?.https ?? 443
    const serviceName = workload === undefined ? 'istio-outbound' : 'istio-egressgateway'
    if (workload !== undefined) saw('proxies of others')
    const service = `${serviceName}.${home}.svc.cluster.local`
    const routes = listObjects(compilation, 'VirtualService')
    const { servers } = listObjects(compilation, 'Gateway').find(({ name }) => name === 'outbound')!.spec
    const { subsets = [] } = listObjects(compilation, 'DestinationRule').find(
      ({ spec: rule }) => rule.host === service,
    )!.spec
    const hosts = through.flatMap(external => external.hosts)
    assert.is(servers.length, hosts.length, 'a server for each host')
    assert.is(subsets.length, hosts.length, 'a subset for each host')
    for (const { host, key } of through.flatMap(({ key, hosts }) => hosts.map(host => ({ host, key })))) {
      const { port: spoken, tls } = spec.external![key]!
      const isRequest = tls === 'originate' || spoken?.http !== undefined
      saw(isRequest ? 'requests' : 'TLS of callers')
      const server = servers.find(each => each.hosts[0] === `./${host}`)
      assert.equal(server?.tls, { mode: 'ISTIO_MUTUAL' }, `the server of ${host} ends mutual TLS`)
      assert.is(server?.port.protocol, isRequest ? 'HTTPS' : 'TLS')
      assert.is(server?.port.number, port)
      const subset = subsets.find(({ trafficPolicy }) => trafficPolicy?.tls?.sni === host)
      assert.equal(subset?.trafficPolicy?.tls, { mode: 'ISTIO_MUTUAL', sni: host })
      const [ofCallers, ofGateway] = ['mesh', `${home}/outbound`].map(
        gateway =>
          routes.find(each => each.spec.hosts.includes(host) && each.spec.gateways?.includes(gateway))?.spec,
      )
      const callersRule = (ofCallers?.http ?? ofCallers?.tls)?.at(-1)
      assert.equal(callersRule?.route?.[0]?.destination, {
        host: service,
        subset: subset!.name,
        port: { number: port },
      })
      const gatewayRule = (isRequest ? ofGateway?.http : ofGateway?.tcp)?.[0]
      assert.is(gatewayRule?.route?.[0]?.destination.host, host, `the gateway sends on to ${host}`)
    }
    const policy = listObjects(compilation, 'AuthorizationPolicy').find(
      ({ name, namespace }) => name === 'outbound.gateway' && namespace === home,
    )
    const isOpen = (key: string) => spec.access === 'open' && spec.external![key]!.allow === undefined
    for (const { key, hosts: names } of through) {
      if (isOpen(key)) {
        saw('an open system')
        continue
      }
      const rules = (policy?.spec.rules ?? []).filter(
        ({ when }) => JSON.stringify(when?.[0]?.values) === JSON.stringify(names),
      )
      const allowed = rules.map(({ from }) => from?.[0]?.source)
      const expected = (spec.external![key]!.allow ?? []).map(({ from }) => {
        if (from === 'anyone') {
          saw('anyone')
          return undefined
        }
        if (from.startsWith('namespace/')) {
          saw('a namespace')
          return { namespaces: [from.slice('namespace/'.length)] }
        }
        saw('a service')
        const caller = services.find(each => each.key === from)!
        assert.ok(caller.principal.startsWith(trustDomain))
        return { principals: [caller.principal] }
      })
      assert.equal(allowed, expected, `only the callers of ${key} get through`)
    }
  },
)
