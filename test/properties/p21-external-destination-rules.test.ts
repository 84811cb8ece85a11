import * as assert from 'uvu/assert'
import {
  type DeclaredExternal,
  hasRule,
  isLeftToIstio,
  listConnectingPods,
  readLimit,
  readSections,
} from '../support/declared.ts'
import { type Emitted, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P21. Calls to an external host are protected: the mesh verifies its TLS, and ejects a failing host for a
 * while. The spec can choose Istio's defaults instead.
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
    'a client certificate of files',
    'a client certificate of a secret',
    'requests through an egress gateway',
    'TLS of callers through an egress gateway',
  ],
  (compilation, declared, saw) => {
    const { externals } = declared
    const entries = listObjects(compilation, 'ServiceEntry')
    const rules = listObjects(compilation, 'DestinationRule')
    const routes = listObjects(compilation, 'VirtualService')
    for (const external of externals) {
      const { key, namespace, hosts, originates, protocol, levels } = external
      const entry = entries.find(emitted => emitted.name === key && emitted.namespace === namespace)
      if (hosts.length > 1) saw('several hosts')
      for (const host of hosts) {
        const ofHost = rules.filter(({ spec }) => spec.host === host)
        const callers = listConnectingPods(external, declared)
        if (callers === undefined) {
          const [rule, ...sameNamed] = ofHost
          assert.is(sameNamed.length, 0, `${host} has one DestinationRule`)
          assert.is(rule !== undefined, hasRule(levels, originates), `whether ${host} has a DestinationRule`)
          if (rule === undefined) saw('no rule')
          else {
            assert.is(rule.namespace, namespace, `that of ${host} is beside its ServiceEntry`)
            assert.equal(rule.spec.exportTo, entry?.spec.exportTo, `who sees the DestinationRule of ${host}`)
            assertRule(rule, external, host)
          }
        } else {
          assert.is(ofHost.length, callers.length, `${host} has a DestinationRule for each caller`)
          for (const caller of callers) {
            const ofCaller = ofHost.find(
              rule => rule.name === `${host}.${caller.name}` && rule.namespace === caller.namespace,
            )
            assert.ok(ofCaller, `${caller.name} has a DestinationRule for ${host}`)
            assert.equal(
              ofCaller.spec.workloadSelector?.matchLabels,
              caller.labels,
              `the recipients of the secret for ${host}`,
            )
            assert.equal(ofCaller.spec.exportTo, ['.'], `who sees the DestinationRule of ${host}`)
            assertRule(ofCaller, external, host)
          }
        }
        const { clientCertificate } = external.spec
        if (clientCertificate?.secret !== undefined) saw('a client certificate of a secret')
        else if (clientCertificate !== undefined) saw('a client certificate of files')
        saw(originates ? 'TLS that the mesh originates' : 'no TLS of the mesh')
        if (host.startsWith('*')) saw('a wildcard')

        const seesRequests = originates || protocol === 'http'
        if (seesRequests && isLeftToIstio(levels)) saw('requests that Istio handles by itself')
        const ofBoth = routes.filter(({ spec }) => spec.hosts.includes(host))
        const port = entry?.spec.ports[0]?.number
        const { exit } = external
        const listPorts = ({ spec }: Emitted<'VirtualService'>) =>
          [...(spec.http ?? []), ...(spec.tls ?? []), ...(spec.tcp ?? [])].flatMap(({ route = [] }) =>
            route.map(({ destination }) => destination.port.number),
          )
        if (exit === undefined) {
          assert.is(
            ofBoth.length,
            seesRequests && !isLeftToIstio(levels) ? 1 : 0,
            `requests to ${host} are routed if they are seen`,
          )
          for (const route of ofBoth) {
            assert.equal(
              route.spec.exportTo,
              entry?.spec.exportTo,
              `the namespaces that see the routes to ${host}`,
            )
            assert.equal(listPorts(route), [port], `the port of ${host}`)
          }
          continue
        }
        // Callers are sent to the gateway in every protocol, and only the gateway sees its own route to the
        // host.
        saw(seesRequests ? 'requests through an egress gateway' : 'TLS of callers through an egress gateway')
        const [ofCallers, ofGateway, ...others] = ['mesh', `${exit.namespace}/${exit.name}`].flatMap(
          gateway => ofBoth.filter(({ spec }) => spec.gateways?.includes(gateway)),
        )
        assert.is(ofBoth.length, 2)
        assert.ok(ofCallers && ofGateway && others.length === 0, `${host} is routed twice`)
        assert.equal(listPorts(ofCallers), [exit.port], `the port of ${exit.name}`)
        assert.equal(listPorts(ofGateway), [port], `the port of ${host}`)
        const home = exit.podNamespace === exit.namespace ? '.' : exit.podNamespace
        assert.equal(ofGateway.spec.exportTo, [home], `who sees the routes of ${exit.name}`)
        const { exportTo } = ofCallers.spec
        const callersHome = exit.podNamespace === namespace ? '.' : exit.podNamespace
        assert.equal(
          exportTo && [...new Set([...exportTo, ...(exportTo.includes('*') ? [] : [callersHome])])].sort(),
          entry?.spec.exportTo?.toSorted(),
          `the namespaces that see the routes to ${host}`,
        )
      }
    }
  },
)

function assertRule(
  rule: Emitted<'DestinationRule'>,
  { originates, levels, spec: { clientCertificate } }: DeclaredExternal,
  host: string,
): void {
  const { tls, outlierDetection, connectionPool, portLevelSettings } = rule.spec.trafficPolicy ?? {}
  // If the host is a wildcard, a proxy uses the host of the request as the server name.
  const names = host.startsWith('*') ? {} : { sni: host, subjectAltNames: [host] }
  const { secret, certificate, key, ca = 'system' } = clientCertificate ?? {}
  const verified =
    secret !== undefined
      ? { mode: 'MUTUAL', ...names, credentialName: secret }
      : certificate !== undefined
        ? { mode: 'MUTUAL', ...names, clientCertificate: certificate, privateKey: key, caCertificates: ca }
        : { mode: 'SIMPLE', ...names, caCertificates: ca }
  assert.equal(tls, originates ? verified : undefined, `the TLS to ${host}`)
  // Settings of a port replace all of these settings.
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
