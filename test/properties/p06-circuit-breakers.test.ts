import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { milliseconds, servicesOf } from './declared.ts'
import { at, everyMesh, ofKind } from './subject.ts'

const p6 = suite('P6 circuit breakers')

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 1

p6('P6: every destination has a circuit breaker and a bounded pool of connections', () =>
  everyMesh(({ spec, objects }) => {
    const rules = ofKind(objects, 'DestinationRule')
    for (const { name, spec: rule } of rules) {
      const breaker = at(rule, 'trafficPolicy', 'outlierDetection')
      assert.ok(isCount(at(breaker, 'consecutive5xxErrors')), name)
      assert.ok(milliseconds(at(breaker, 'interval')) >= 1)
      assert.ok(milliseconds(at(breaker, 'baseEjectionTime')) >= 1)
      const ejected = at(breaker, 'maxEjectionPercent')
      assert.ok(Number.isInteger(ejected) && Number(ejected) >= 0 && Number(ejected) <= 100, String(ejected))
      const pool = at(rule, 'trafficPolicy', 'connectionPool')
      assert.ok(isCount(at(pool, 'tcp', 'maxConnections')), name)
      assert.ok(milliseconds(at(pool, 'tcp', 'connectTimeout')) >= 1)
      for (const field of ['http1MaxPendingRequests', 'http2MaxRequests', 'maxRequestsPerConnection']) {
        const bound = at(pool, 'http', field)
        assert.ok(bound === undefined || isCount(bound), `${name}: ${field} ${String(bound)}`)
      }
    }
    for (const { host, ports, spec: service } of servicesOf(spec)) {
      const own = rules.filter(({ spec: rule }) => at(rule, 'host') === host)
      assert.is(own.length, ports.length > 0 ? 1 : 0, host)
      const said =
        service.circuitBreaker?.consecutiveErrors ?? spec.defaults?.circuitBreaker?.consecutiveErrors
      if (said === undefined || own.length === 0) continue
      assert.is(at(own[0]?.spec, 'trafficPolicy', 'outlierDetection', 'consecutive5xxErrors'), said)
    }
  }),
)

p6.run()
