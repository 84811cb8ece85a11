import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memo } from '../../compiler/basics/memo.ts'
import type { Gateway } from '../../compiler/mesh/mesh.ts'
import { collectParts } from '../../compiler/validate/parts.ts'
import { ownIdentities } from '../../compiler/validate/rules/services/own-identities.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('rules/own-identities')

/** Counts how often the rule reads the selector of a gateway, in a mesh in which some gateways have the same proxies. */
function countReads(size: number): number {
  const names = Array.from({ length: size }, (_, index) => `svc-${index}`)
  const proxies =
    'workload: { namespace: istio-ingress, labels: { istio: ingress }, serviceAccount: ingress }'
  const spec = [
    'meshc: v1',
    'mesh: shop',
    'environment: prod',
    'gateways:',
    ...names.map(
      name =>
        `  gateway-${name}: { hosts: [${name}.example.com], certificate: { secret: ${name} }, ${proxies} }`,
    ),
    'services:',
    ...names.flatMap(name => [
      `  ${name}:`,
      '    namespace: shop',
      '    port: { http: 8080 }',
      `    expose: [{ gateway: gateway-${name}, host: ${name}.example.com }]`,
      `    allow: [{ from: gateway/gateway-${name} }]`,
    ]),
  ]
  const result = compileText(spec.join('\n'))
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const { mesh } = result.value
  let reads = 0
  const watch = memo(
    (gateway: Gateway): Gateway => ({
      ...gateway,
      get selector() {
        reads++
        return gateway.selector
      },
    }),
  )
  const services = mesh.services.map(service => ({
    ...service,
    allow: service.allow.map(entry => {
      const { from } = entry
      return from.kind === 'gateway' ? { ...entry, from: { ...from, gateway: watch(from.gateway) } } : entry
    }),
  }))
  const watched = { ...mesh, gateways: mesh.gateways.map(watch), services }
  assert.equal([...ownIdentities.check(watched, collectParts(mesh))], [])
  assert.ok(reads >= size, `${reads} reads`)
  return reads
}

test('gateways with the same proxies are not compared in pairs', () => {
  assert.ok(countReads(80) < 5 * countReads(20), `${countReads(80)} and ${countReads(20)} reads`)
})

test.run()
