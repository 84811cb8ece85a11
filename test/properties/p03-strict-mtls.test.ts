import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { namespacesOf, rootNamespace } from './declared.ts'
import { at, everyMesh, ofKind, valuesNamed } from './subject.ts'

const p3 = suite('P3 strict mTLS')

p3(
  'P3: where the spec says strict, or nothing, plain text is refused, and no caller is told to speak it',
  () =>
    everyMesh(({ spec, objects }) => {
      const policies = ofKind(objects, 'PeerAuthentication')
      const modeIn = (namespace: string) => {
        const here = policies.filter(
          policy => policy.namespace === namespace && at(policy.spec, 'selector') === undefined,
        )
        assert.is(here.length, 1, `policies for all of ${namespace}`)
        return at(here[0]?.spec, 'mtls', 'mode')
      }
      const mesh = (spec.mtls ?? 'strict').toUpperCase()
      const root = rootNamespace(spec)
      assert.is(modeIn(root), mesh)
      for (const namespace of namespacesOf(spec)) {
        if (namespace === root) continue
        assert.is(modeIn(namespace), spec.namespaces?.[namespace]?.mtls?.toUpperCase() ?? mesh, namespace)
      }
      // A policy for a workload says the mode of its namespace again.
      for (const policy of policies) {
        if (at(policy.spec, 'selector') === undefined) continue
        assert.is(at(policy.spec, 'mtls', 'mode'), modeIn(policy.namespace ?? ''))
      }
      for (const { spec: rule } of ofKind(objects, 'DestinationRule')) {
        const host = String(at(rule, 'host'))
        if (!host.endsWith('.svc.cluster.local')) continue
        assert.equal([...valuesNamed(rule, 'tls')], [], `Istio decides how ${host} is spoken to`)
      }
    }),
)

p3.run()
