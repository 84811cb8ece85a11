import * as assert from 'uvu/assert'
import {
  type DeclaredExternal,
  hasRule,
  isLeftToIstio,
  readLimit,
  readSections,
} from '../support/declared.ts'
import { type Emitted, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P21. Each external host is called with care: TLS that the mesh speaks is verified, and what fails is left alone for a
 * while, unless the spec says that Istio's own defaults are enough.
 */
property(
  21,
  'every external host has a DestinationRule, complete, and seen by those who see the host',
  [
    'TLS that the mesh originates',
    'no TLS of the mesh',
    'a wildcard',
    'several hosts',
    'no rule',
    'requests that Istio handles by itself',
  ],
  (compilation, { externals }, saw) => {
    const entries = listObjects(compilation, 'ServiceEntry')
    const rules = listObjects(compilation, 'DestinationRule')
    const routes = listObjects(compilation, 'VirtualService')
    for (const external of externals) {
      const { key, namespace, hosts, originates, protocol, levels } = external
      const entry = entries.find(emitted => emitted.name === key && emitted.namespace === namespace)
      if (hosts.length > 1) saw('several hosts')
      for (const host of hosts) {
        const [rule, ...sameNamed] = rules.filter(({ spec }) => spec.host === host)
        assert.is(sameNamed.length, 0, `${host} has one DestinationRule`)
        assert.is(rule !== undefined, hasRule(levels, originates), `whether ${host} has a DestinationRule`)
        if (rule === undefined) saw('no rule')
        else {
          assert.equal(rule.spec.exportTo, entry?.spec.exportTo, `who sees the DestinationRule of ${host}`)
          assertRule(rule, external, host)
        }
        saw(originates ? 'TLS that the mesh originates' : 'no TLS of the mesh')
        if (host.startsWith('*')) saw('a wildcard')

        const seesRequests = originates || protocol === 'http'
        if (seesRequests && isLeftToIstio(levels)) saw('requests that Istio handles by itself')
        const ownSameNamed = routes.filter(({ spec }) => spec.hosts.includes(host))
        assert.is(
          ownSameNamed.length,
          seesRequests && !isLeftToIstio(levels) ? 1 : 0,
          `requests to ${host} are routed if they are seen`,
        )
        for (const { spec } of ownSameNamed) {
          assert.equal(spec.exportTo, entry?.spec.exportTo, `who sees the routes to ${host}`)
          for (const rule of spec.http ?? [])
            for (const { destination } of rule.route ?? [])
              assert.is(destination.port.number, entry?.spec.ports[0]?.number, `the port of ${host}`)
        }
      }
    }
  },
)

function assertRule(
  rule: Emitted<'DestinationRule'>,
  { namespace, originates, levels }: DeclaredExternal,
  host: string,
): void {
  assert.is(rule.namespace, namespace, `that of ${host} is beside its ServiceEntry`)
  const { tls, outlierDetection, connectionPool, portLevelSettings } = rule.spec.trafficPolicy ?? {}
  const verified = { mode: 'SIMPLE', sni: host, subjectAltNames: [host], caCertificates: 'system' }
  assert.equal(tls, originates ? verified : undefined, `the TLS to ${host}`)
  // Settings of a port replace all of these.
  assert.is(portLevelSettings, undefined)
  const isEjected = readSections(levels.map(({ circuitBreaker }) => circuitBreaker)) !== undefined
  for (const field of ['consecutive5xxErrors', 'interval', 'baseEjectionTime', 'maxEjectionPercent'] as const)
    assert.is(outlierDetection?.[field] !== undefined, isEjected, `${field} of ${host}`)
  const pools = readSections(levels.map(({ connections }) => connections))
  assert.is(connectionPool !== undefined, pools !== undefined, `whether ${host} has a connection pool`)
  assert.is(
    connectionPool?.tcp?.maxConnections,
    pools && readLimit(pools, 'max'),
    `how many connections ${host} may have`,
  )
}
