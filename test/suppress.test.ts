import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from './support/compile-text.ts'

const test = suite('suppress')

/** Two services that accept every caller, in a mesh with strict mTLS. */
const services = `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: anyone }] }
  cart-admin: { namespace: shop, port: { http: 8081 }, allow: [{ from: anyone }] }
`
const bearing = (...entries: readonly string[]) =>
  `${services}suppress:\n${entries.map(entry => `  - { ${entry}, because: it moves, until: 2027-01-31 }\n`).join('')}`

function result(spec: string, today?: string) {
  const { diagnostics, suppressed } = compileText(spec, undefined, today)
  const reported = (text: string, { start, end }: { start: number; end: number }) => text.slice(start, end)
  return {
    told: diagnostics.map(({ code, at }) => `${code} ${reported(spec, at)}`),
    borne: suppressed.map(({ diagnostic, because }) => `${diagnostic.message}: ${because}`),
  }
}

test('a suppression without a place suppresses a warning everywhere', () => {
  assert.equal(result(bearing('code: MESH3408')), {
    told: [],
    borne: [
      'anyone may call `cart`, in an environment where mTLS is strict: it moves',
      'anyone may call `cart-admin`, in an environment where mTLS is strict: it moves',
    ],
  })
})

test('a suppression with a place suppresses only there and below', () => {
  for (const at of [
    'services.cart',
    'services.cart.allow',
    'services.cart.allow.0',
    'services.cart.allow.0.from',
  ])
    assert.equal(result(bearing(`code: MESH3408, at: ${at}`)).told, ['MESH3408 anyone'], at)
  assert.equal(result(bearing('code: MESH3408, at: services')).told, [])
})

test('an unused suppression, one of an error, and one of an unknown code are errors', () => {
  assert.equal(result(bearing('code: MESH3408', 'code: MESH3408, at: services.car')).told, [
    'MESH5003 services.car',
  ])
  assert.equal(result(bearing('code: MESH3408', 'code: MESH3101')).told, ['MESH5001 MESH3101'])
  assert.equal(result(bearing('code: MESH3408', 'code: MESH9999')).told, ['MESH5001 MESH9999'])
})

test('a suppression holds on its last day; on the next day it is an error in place of the warning', () => {
  const spec = bearing('code: MESH3408')
  assert.equal(result(spec, '2027-01-31').told, [])
  assert.equal(result(spec, '2027-02-01').told, ['MESH5002 2027-01-31'])
  const [expired] = compileText(spec, undefined, '2027-02-01').diagnostics
  assert.is(expired?.related.length, 2)
})

test('no suppression is reported as unused if an error prevents the rules', () => {
  const spec = bearing('code: MESH3408').replace('port: { http: 8081 }', 'port: { http: 8081 }, timeuot: 5s')
  assert.equal(result(spec).told, ['MESH1011 timeuot'])
})

test('a suppression of a base may be unused in an environment; it expires there, too', () => {
  const files = {
    'spec/base/mesh.yaml': bearing('code: MESH3408'),
    'spec/dev/mesh.yaml': 'meshc: v1\nextends: ../base/mesh.yaml\nmtls: permissive\n',
    'spec/prod/mesh.yaml': 'meshc: v1\nextends: ../base/mesh.yaml\n',
  }
  const codes = (environment: string, today?: string) =>
    compileText(files, `spec/${environment}/mesh.yaml`, today).diagnostics.map(({ code }) => code)
  assert.equal(codes('dev'), [])
  assert.equal(codes('prod'), [])
  assert.equal(codes('dev', '2027-02-01'), ['MESH5002'])
  const suppressing = {
    ...files,
    'spec/dev/mesh.yaml': bearing('code: MESH3408').replace('mesh: shop', 'mesh: shop\nmtls: permissive'),
  }
  assert.equal(
    compileText(suppressing, 'spec/dev/mesh.yaml').diagnostics.map(({ code }) => code),
    ['MESH5003'],
  )
})

test.run()
