import * as assert from 'uvu/assert'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** P4. An exception to mTLS applies to the declared ports of one workload, and changes no other port. */
property(
  4,
  'mTLS exceptions are for declared ports of one workload only',
  [
    'a permissive port',
    'a port without mTLS',
    'a port whose container has another one',
    'a port beside an exception',
    'an exception of another Service of the pods',
  ],
  (compilation, { spec, mtls, services }, saw) => {
    const narrow = listObjects(compilation, 'PeerAuthentication').filter(
      ({ spec }) => spec.selector !== undefined,
    )
    const declared = services.flatMap(({ key, name, namespace, labels, samePods }) => {
      if (samePods[0]!.key !== key) return []
      const ports = samePods.flatMap(sharingService => sharingService.ports)
      const exceptions = ports.filter(port => port.mtls !== undefined)
      if (
        samePods.some(
          sharingService =>
            sharingService.key !== key && sharingService.ports.some(port => port.mtls !== undefined),
        )
      )
        saw('an exception of another Service of the pods')
      if (exceptions.length === 0) return []
      for (const { mtls, number, target } of exceptions) {
        saw(mtls === 'off' ? 'a port without mTLS' : 'a permissive port')
        if (number !== target) saw('a port whose container has another one')
      }
      if (exceptions.length < ports.length) saw('a port beside an exception')
      const rest = spec.namespaces?.[namespace]?.mtls ?? mtls
      // Istio uses the ports of the container here.
      const portLevelMtls = exceptions.map(({ target, mtls }) => [
        String(target),
        { mode: mtls === 'off' ? 'DISABLE' : 'PERMISSIVE' },
      ])
      const policy = {
        selector: { matchLabels: labels },
        mtls: { mode: rest === 'strict' ? 'STRICT' : 'PERMISSIVE' },
        portLevelMtls: Object.fromEntries(portLevelMtls),
      }
      return [{ service: `${namespace}/${name}`, policy }]
    })
    const emitted = narrow.map(({ namespace, name, spec }) => ({
      service: `${namespace}/${name.replace(/\.ports$/, '')}`,
      policy: spec,
    }))
    const byService = (a: { readonly service: string }, b: { readonly service: string }) =>
      a.service < b.service ? -1 : 1
    assert.equal(emitted.toSorted(byService), declared.toSorted(byService))
  },
)
