import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findFaults } from '../../bin/project/verify.ts'
import { compile } from '../../compiler/compile.ts'
import { compileText } from '../support/compile-text.ts'
import { getMesh } from '../support/project.ts'

const test = suite('bin/verify')

const compiled = compile('spec/prod/mesh.yaml', {
  read: () => ({ text: getMesh(2, 'prod') }),
  list: () => [],
  listBelow: () => [],
})
if (!compiled.ok) throw new Error('the spec is wrong')
const { value: compilation, sources } = compiled
const environment = { name: 'prod', entry: 'spec/prod/mesh.yaml', output: 'out/prod' }

/** Lists the findings for a compilation with one more manifest. */
const faultsWith = (path: string, kind: string, object: unknown) =>
  findFaults({
    environment,
    sources,
    compilation: {
      ...compilation,
      manifests: () => [...compilation.manifests(), { path, kind, object, text: () => '' }],
    },
  })

test('manifests and chart values of the compiler conform to their schemas', () => {
  const kinds = new Set([...compilation.manifests()].map(({ kind }) => kind))
  for (const kind of ['VirtualService', 'AuthorizationPolicy', 'Kustomization', 'HelmIstiodValues'])
    assert.ok(kinds.has(kind), kind)
  assert.equal(findFaults({ environment, compilation, sources }), [])
})

test('a manifest or values with a field that no schema knows is named by its file', () => {
  const metadata = { name: 'cart', namespace: 'shop' }
  const service = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata,
    spec: { hots: ['cart'] },
  }
  const faults = faultsWith('manifests/shop/cart.yaml', 'VirtualService', service)
  assert.ok(
    faults.some(fault => /VirtualService.*`hots`/.test(fault)),
    faults.join('\n'),
  )
  assert.ok(faults.every(fault => fault.startsWith('out/prod/manifests/shop/cart.yaml: ')))
  assert.match(
    faultsWith('istio/values.yaml', 'HelmBaseValues', { surprise: 1 })[0]!,
    /istio\/values\.yaml: .*surprise/,
  )
  assert.match(faultsWith('x.yaml', 'Novel', {})[0]!, 'no target schema is for the kind')
})

test('a field that a patch adds is held against the CRD', () => {
  const scope = '{ inboundConnectionPool: { http: { http1MaxPendingRequests: 5 } } }'
  const text = `meshc: v1
mesh: shop
services: { web: { namespace: shop } }
patches: [{ kind: Sidecar, namespace: shop, name: web, spec: ${scope} }]
`
  const patched = compileText(text)
  assert.ok(patched.ok)
  assert.equal(findFaults({ environment, compilation: patched.value, sources: patched.sources }), [])
})

test('a raw object is the word of the user', () => {
  assert.equal(
    faultsWith('manifests/shop/vm.workloadentry.raw.yaml', 'WorkloadEntry', { kind: 'WorkloadEntry' }),
    [],
  )
})

test.run()
