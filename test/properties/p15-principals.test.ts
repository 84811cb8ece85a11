import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { gatewaysOf, servicesOf } from './declared.ts'
import { at, everyMesh, listAt, ofKind } from './subject.ts'

const p15 = suite('P15 principals')

/** Who `from:` means, as a policy says it. */
function sourceOf(spec: MeshSpec, from: string): string {
  const [kind, ...rest] = from.split('/')
  if (from === 'anyone') return 'anyone'
  if (rest.length === 0) return `principal ${servicesOf(spec).find(({ key }) => key === from)?.principal}`
  if (kind === 'gateway')
    return `principal ${gatewaysOf(spec).find(({ name }) => name === rest[0])?.principal}`
  if (kind === 'namespace') return `namespace ${rest[0]}`
  return `principal ${rest.join('/')}`
}

p15('P15: who may call a service is whom its spec lists, by the identities that are declared', () =>
  everyMesh(({ spec, objects }) => {
    const policies = ofKind(objects, 'AuthorizationPolicy')
    for (const { key, name, namespace, selector, spec: service } of servicesOf(spec)) {
      const own = policies.filter(
        policy =>
          policy.namespace === namespace &&
          JSON.stringify(sorted(at(policy.spec, 'selector', 'matchLabels'))) ===
            JSON.stringify(sorted(selector)),
      )
      const allow = service.allow ?? []
      assert.is(own.length, allow.length > 0 ? 1 : 0, key)
      const [policy] = own
      if (policy === undefined) continue
      assert.is(policy.name, name)
      assert.is(at(policy.spec, 'action'), 'ALLOW')
      const sources = listAt(policy.spec, 'rules').map(rule => {
        const source = at(rule, 'from', 0, 'source')
        const [principal] = listAt(source, 'principals')
        const [home] = listAt(source, 'namespaces')
        if (principal !== undefined) return `principal ${String(principal)}`
        return home === undefined ? 'anyone' : `namespace ${String(home)}`
      })
      assert.equal(
        sources,
        allow.map(({ from }) => sourceOf(spec, from)),
        key,
      )
    }
  }),
)

p15('P15: nobody else may call anything: the mesh denies, and no policy is for more than one workload', () =>
  everyMesh(({ spec, objects }) => {
    const policies = ofKind(objects, 'AuthorizationPolicy')
    const meshWide = policies.filter(({ spec: policy }) => at(policy, 'selector') === undefined)
    assert.equal(
      meshWide.map(({ namespace, spec: policy }) => ({ namespace, policy })),
      [{ namespace: spec.istio?.namespace ?? 'istio-system', policy: {} }],
    )
    for (const { name, spec: policy } of policies) {
      if (at(policy, 'selector') === undefined) continue
      assert.ok(Object.keys(at(policy, 'selector', 'matchLabels') as object).length > 0, name)
      assert.ok(listAt(policy, 'rules').length > 0, name)
    }
  }),
)

const sorted = (labels: unknown) => Object.entries((labels ?? {}) as object).sort()

p15.run()
