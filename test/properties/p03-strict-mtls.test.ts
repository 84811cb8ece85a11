import * as assert from 'uvu/assert'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** P3. A strict environment refuses plain text everywhere, except where a namespace or port allows it. */
property(
  3,
  'mTLS is strict wherever an environment says so, and a DestinationRule turns it off only where no sidecar ends it',
  [
    'a strict mesh',
    'a permissive mesh',
    'a strict namespace in a permissive mesh',
    'a permissive namespace in a strict mesh',
    'a DestinationRule',
    'a port that its sidecar leaves alone',
  ],
  (compilation, { spec, mtls, root, namespaces, services }, saw) => {
    saw(`a ${mtls} mesh`)
    // A policy without a selector applies to its namespace; in the root namespace, it applies to the mesh.
    const wide = listObjects(compilation, 'PeerAuthentication').filter(
      ({ spec }) => spec.selector === undefined,
    )
    assert.equal(wide.map(({ namespace }) => namespace).sort(), [root, ...namespaces].sort())
    for (const { namespace, spec: policy } of wide) {
      const ownMtls = namespace === root ? undefined : spec.namespaces?.[namespace]?.mtls
      const mode = (ownMtls ?? mtls) === 'strict' ? 'STRICT' : 'PERMISSIVE'
      assert.equal(policy, { mtls: { mode } }, `the mTLS of ${namespace}`)
      if (ownMtls === 'strict' && mtls === 'permissive') saw('a strict namespace in a permissive mesh')
      if (ownMtls === 'permissive' && mtls === 'strict') saw('a permissive namespace in a strict mesh')
    }
    for (const [who, { enableAutoMtls, rootNamespace }] of getMeshConfigs(compilation)) {
      assert.is(enableAutoMtls, true, `callers speak mTLS by themselves, installed by ${who}`)
      assert.is(rootNamespace, root, `the mesh-wide policy is in the root namespace, installed by ${who}`)
    }
    for (const { namespace, name, spec } of listObjects(compilation, 'DestinationRule')) {
      const policies = [spec.trafficPolicy, ...(spec.subsets ?? []).map(({ trafficPolicy }) => trafficPolicy)]
      const service = services.find(({ host }) => host === spec.host)
      // istiod cannot detect that a port of a headless Service accepts no mutual TLS.
      const isHeadless = service?.spec.headless === true
      const bypassed = service?.isBare
        ? []
        : (service?.ports ?? []).filter(port => port.isBypassed || (isHeadless && port.mtls === 'off'))
      for (const policy of policies) {
        assert.is.not(policy?.tls?.mode, 'DISABLE', `DestinationRule/${namespace}/${name}`)
        for (const { port, tls } of policy?.portLevelSettings ?? [])
          assert.is(
            tls?.mode === 'DISABLE',
            bypassed.some(({ number }) => number === port.number),
            `DestinationRule/${namespace}/${name} at ${port.number}`,
          )
      }
      for (const { number } of bypassed) {
        const level = spec.trafficPolicy?.portLevelSettings?.find(({ port }) => port.number === number)
        assert.is(level?.tls?.mode, 'DISABLE', `no sidecar ends mTLS at ${number} of ${name}`)
        saw('a port that its sidecar leaves alone')
      }
      saw('a DestinationRule')
    }
  },
)
