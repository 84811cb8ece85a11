import * as assert from 'uvu/assert'
import { mayCall } from '../support/declared.ts'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * P20. Only allowed traffic leaves the mesh: one policy applies to all hosts, and each host has only its
 * callers.
 */
property(
  20,
  'egress is closed or open as declared, and an external host is in the scope of its declared callers only',
  [
    'closed egress',
    'open egress',
    'no scopes',
    'a caller by name',
    'a caller by namespace',
    'a caller among anyone',
    'a service that may not call a system',
    'pods without a scope',
  ],
  (compilation, { spec, services, externals }, saw) => {
    const isOpen = spec.egress === 'allow-any'
    for (const [who, { outboundTrafficPolicy }] of getMeshConfigs(compilation))
      assert.equal(
        outboundTrafficPolicy,
        { mode: isOpen ? 'ALLOW_ANY' : 'REGISTRY_ONLY' },
        `installed by ${who}`,
      )
    saw(isOpen ? 'open egress' : 'closed egress')

    const sidecars = listObjects(compilation, 'Sidecar')
    if (spec.access === 'open' || spec.sidecarScope === 'all') {
      assert.equal(sidecars, [], 'every sidecar knows everything')
      saw('no scopes')
      return
    }
    const workloads = services.filter(({ key, samePods, isBare }) => samePods[0]!.key === key && !isBare)
    if (services.some(({ isBare }) => isBare)) saw('pods without a scope')
    assert.is(sidecars.length, workloads.length, 'each proxy has a scope')
    for (const { key, name, namespace, labels, samePods } of workloads) {
      const keys = samePods.map(service => service.key)
      const scope = sidecars.find(sidecar => sidecar.name === name && sidecar.namespace === namespace)?.spec
      assert.ok(scope, `${key} has a scope`)
      assert.equal(scope.workloadSelector, { labels }, `the pods of ${key}`)
      assert.is(scope.outboundTrafficPolicy, undefined, `${key} has no policy of its own`)
      const known = scope.egress?.flatMap(({ hosts }) => hosts) ?? []
      for (const host of known)
        assert.not.match(host, /^[*.~]\/|\/\*$/, `the scope of ${key} names its hosts`)

      const callable = externals.filter(external =>
        samePods.some(sharingService => mayCall(sharingService, external)),
      )
      const listHosts = (some: typeof externals) =>
        some.flatMap(({ namespace, hosts }) => hosts.map(host => `${namespace}/${host}`)).sort()
      const outside = known.filter(host => listHosts(externals).includes(host))
      assert.equal(outside.toSorted(), listHosts(callable), `the external hosts that ${key} knows`)
      // The host of another system is not visible, in any namespace.
      const foreign = externals.filter(external => !callable.includes(external)).flatMap(({ hosts }) => hosts)
      const names = known.map(host => host.slice(host.indexOf('/') + 1))
      assert.equal(
        names.filter(host => foreign.includes(host)),
        [],
        `${key} may not call these`,
      )

      for (const { spec } of callable) {
        const froms = (spec.allow ?? []).map(({ from }) => from)
        if (froms.some(from => keys.includes(from))) saw('a caller by name')
        else saw(froms.includes('anyone') ? 'a caller among anyone' : 'a caller by namespace')
      }
      if (callable.length < externals.length) saw('a service that may not call a system')
    }
  },
)
