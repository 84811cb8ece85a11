import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { externalsOf, milliseconds } from './declared.ts'
import { at, everyMesh, ofKind } from './subject.ts'

const p21 = suite('P21 external DestinationRules')

p21('P21: every external host has a DestinationRule, and TLS that the mesh speaks is checked', () =>
  everyMesh(({ spec, objects }) => {
    for (const { name, namespace, spec: external } of externalsOf(spec)) {
      const entry = ofKind(objects, 'ServiceEntry').find(
        one => one.name === name && one.namespace === namespace,
      )
      for (const host of external.hosts ?? []) {
        const rules = ofKind(objects, 'DestinationRule').filter(({ spec: rule }) => at(rule, 'host') === host)
        assert.is(rules.length, 1, host)
        const [rule] = rules
        assert.is(rule?.namespace, namespace)
        assert.equal(at(rule?.spec, 'exportTo'), at(entry?.spec, 'exportTo'))
        const policy = at(rule?.spec, 'trafficPolicy')
        const originates = external.tls === 'originate'
        assert.equal(
          at(policy, 'tls'),
          originates
            ? { mode: 'SIMPLE', sni: host, caCertificates: 'system', subjectAltNames: [host] }
            : undefined,
        )
        const breaker = at(policy, 'outlierDetection')
        const { circuitBreaker = {} } = external
        const fallback = spec.defaults?.circuitBreaker
        assert.is(
          at(breaker, 'consecutive5xxErrors'),
          circuitBreaker.consecutiveErrors ?? fallback?.consecutiveErrors ?? 5,
        )
        assert.is(
          milliseconds(at(breaker, 'baseEjectionTime')),
          milliseconds(circuitBreaker.ejectFor ?? fallback?.ejectFor ?? '30s'),
        )
        const most = external.connections?.max ?? spec.defaults?.connections?.max ?? 100
        assert.is(at(policy, 'connectionPool', 'tcp', 'maxConnections'), most)
      }
    }
  }),
)

p21.run()
