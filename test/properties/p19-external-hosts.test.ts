import * as assert from 'uvu/assert'
import type { Declared, DeclaredExternal } from '../support/declared.ts'
import { mayCall } from '../support/declared.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const externalHost = new RegExp(`^(\\*\\.)?(${label}\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

/** P19. Only the allowed callers know an external system, by its full names and on the declared port. */
property(
  19,
  'external hosts are full names, declared once, found in a way that fits them, and visible to their callers only',
  [
    'TLS that the mesh originates',
    'TLS that passes through',
    'plain HTTP',
    'TCP at fixed addresses',
    'a wildcard',
    'several hosts',
    'a caller of the same namespace',
    'a caller of another namespace',
    'a namespace of callers',
    'a system that anyone may call',
    'a system that is open',
    'NONE',
    'STATIC',
    'DNS',
    'DNS_ROUND_ROBIN',
    'DYNAMIC_DNS',
    'a range of addresses',
    'any address',
    'an endpoint with a weight',
    'an egress gateway in between',
  ],
  (compilation, declared, saw) => {
    const entries = listObjects(compilation, 'ServiceEntry')
    assert.is(entries.length, declared.externals.length)
    const all = entries.flatMap(({ spec }) => spec.hosts)
    assert.is(new Set(all).size, all.length, 'a host belongs to one system')
    for (const external of declared.externals) {
      const { key, namespace, hosts, spec } = external
      const entry = entries.find(emitted => emitted.name === key && emitted.namespace === namespace)
      assert.ok(entry, `${key} has a ServiceEntry`)
      const { exportTo, ...rest } = entry.spec
      for (const host of rest.hosts) {
        assert.match(host, externalHost, key)
        assert.not.match(host, /(^|\.)(svc|cluster\.local)$/, key)
      }
      const isWildcard = hosts.some(host => host.startsWith('*'))
      const { addresses, endpoints } = spec
      const expected = {
        hosts,
        location: 'MESH_EXTERNAL',
        ports: [getPort(external)],
        resolution: findResolution(external),
        ...(addresses && { addresses: addresses === 'any' ? ['0.0.0.0/0'] : addresses }),
        ...(endpoints && { endpoints: listEndpoints(external) }),
      }
      assert.equal(rest, expected, `the ServiceEntry of ${key}`)
      saw(rest.resolution)
      if (rest.addresses?.some(address => address.includes('/'))) saw('a range of addresses')
      if (addresses === 'any') saw('any address')
      if (rest.endpoints?.some(({ weight }) => weight !== undefined)) saw('an endpoint with a weight')
      // Without addresses, every connection to the port would be sent to this system (IST0134).
      if (rest.ports[0]?.protocol === 'TCP') assert.ok(rest.addresses, `${key} is known by its addresses`)

      if (declared.spec.access === 'open' && spec.allow === undefined) {
        assert.is(exportTo, undefined, `everybody sees ${key}`)
        saw('a system that is open')
        continue
      }
      assert.equal(exportTo?.toSorted(), visibleTo(external, declared).sort(), `who sees ${key}`)
      for (const caller of declared.services.filter(service => mayCall(service, external))) {
        const isSame = caller.namespace === namespace
        const isSeen = exportTo?.some(to => to === '*' || to === (isSame ? '.' : caller.namespace))
        assert.ok(isSeen, `${caller.key} sees ${key}`)
        saw(isSame ? 'a caller of the same namespace' : 'a caller of another namespace')
      }
      saw(getSight(external))
      if (isWildcard) saw('a wildcard')
      if (hosts.length > 1) saw('several hosts')
      if (external.exit !== undefined) saw('an egress gateway in between')
      for (const { from } of spec.allow ?? []) {
        if (from === 'anyone') saw('a system that anyone may call')
        if (from.startsWith('namespace/')) saw('a namespace of callers')
      }
    }
  },
)

function getPort({ protocol, number, originates }: DeclaredExternal) {
  if (originates) return { number: 80, name: 'http', protocol: 'HTTP', targetPort: number }
  const { name, word } = {
    http: { name: 'http', word: 'HTTP' },
    https: { name: 'tls', word: 'TLS' },
    tls: { name: 'tls', word: 'TLS' },
    tcp: { name: 'tcp', word: 'TCP' },
  }[protocol]
  return { number, name, protocol: word }
}

/** Returns Istio's word for the resolution of addresses. */
function findResolution({ spec, hosts }: DeclaredExternal) {
  const { resolution, endpoints, addresses } = spec
  if (resolution !== undefined)
    return {
      none: 'NONE',
      dns: 'DNS',
      'dns-round-robin': 'DNS_ROUND_ROBIN',
      'dynamic-dns': 'DYNAMIC_DNS',
    }[resolution]
  if (endpoints !== undefined)
    return Object.keys(endpoints).every(address => /^[\d.]+$/.test(address)) ? 'STATIC' : 'DNS'
  return addresses !== undefined || hosts.some(host => host.startsWith('*')) ? 'NONE' : 'DNS'
}

/** Lists the endpoints in Istio's form, in the order of their addresses. */
function listEndpoints(external: DeclaredExternal) {
  const { name } = getPort(external)
  return Object.entries(external.spec.endpoints ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, written]) => {
      const { weight, port, locality } =
        typeof written === 'number' ? { weight: written, port: undefined, locality: undefined } : written
      return {
        address,
        ...(port !== undefined && { ports: { [name]: port } }),
        ...(weight !== undefined && { weight }),
        ...(locality !== undefined && { locality }),
      }
    })
}

/**
 * Lists the namespaces of the callers and of their egress gateway; `.` is the namespace of the system.
 * Without callers, only the namespace of the system and the gateway see the system.
 */
function visibleTo({ spec, namespace, exit }: DeclaredExternal, { services }: Declared): string[] {
  const callers = (spec.allow ?? []).map(({ from }) => from)
  if (callers.includes('anyone')) return ['*']
  const homes = callers.map(from =>
    from.startsWith('namespace/')
      ? from.slice('namespace/'.length)
      : services.find(({ key }) => key === from)!.namespace,
  )
  const seers = [
    ...(homes.length === 0 ? [namespace] : homes),
    ...(exit === undefined ? [] : [exit.podNamespace]),
  ]
  return [...new Set(seers.map(home => (home === namespace ? '.' : home)))]
}

function getSight({ originates, protocol }: DeclaredExternal) {
  if (originates) return 'TLS that the mesh originates'
  if (protocol === 'http') return 'plain HTTP'
  return protocol === 'tcp' ? 'TCP at fixed addresses' : 'TLS that passes through'
}
