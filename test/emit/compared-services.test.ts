import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listComparedServices } from '../../compiler/emit/prometheus/compared-services.ts'
import { makeTrafficAlerts } from '../../compiler/emit/prometheus/traffic-alerts.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('compared services')

/** Checks whether metrics compare the versions of a service with these ports. */
function isCompared(ports: string): boolean {
  const compiled = compileText(`meshc: v1
mesh: shop
services:
  cart:
    namespace: shop
    ports: ${ports}
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    traffic: { stable: 90%, canary: 10% }
`)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics))
  return listComparedServices(compiled.value.mesh).length === 1
}

test('versions are compared by requests, where one port of several has them', () => {
  assert.ok(isCompared('{ http: 8080 }'))
  assert.ok(isCompared('{ http: 8080, data: { tcp: 6379 } }'))
  assert.not(isCompared('{ data: { tcp: 6379 } }'))
})

/** Returns the expression of the alert about a failing version, for a service with these ports. */
function getFailures(ports: string): string {
  const compiled = compileText(`meshc: v1
mesh: shop
services:
  cart:
    namespace: shop
    ports: ${ports}
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    traffic: { stable: 90%, canary: 10% }
`)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics))
  const alerts = makeTrafficAlerts(compiled.value.mesh)
  return alerts.find(({ name }) => name === 'VersionFailsMore')?.expr.value ?? ''
}

test('a failed call of gRPC is a failure, where one port of several speaks it', () => {
  const grpc = 'grpc_response_status'
  assert.not(getFailures('{ http: 8080 }').includes(grpc))
  assert.ok(getFailures('{ http: 8080, grpc: 9090 }').includes(grpc))
  assert.ok(getFailures('{ grpc: 9090 }').includes(grpc))
})

test.run()
