import * as assert from 'uvu/assert'
import { getHelmValues, getIstioOperator, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** The labels that decide on injection; of two, which one wins is no matter to rely on (IST0123). */
const injectionLabels = [
  'istio-injection',
  'istio.io/rev',
  'istio.io/dataplane-mode',
  'sidecar.istio.io/inject',
]

/** P1. All namespaces of an environment join the control plane that it installs, by one label each. */
property(
  1,
  'every namespace carries one injection label, that of the revision it installs, or that nobody injects there',
  [
    'a namespace of the default revision',
    'a namespace of a named revision',
    'a namespace without injection',
    'a gateway',
  ],
  (compilation, { spec, namespaces, gateways }, saw) => {
    const revision = spec.istio?.revision
    const label = revision === undefined ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': revision }
    const emitted = listObjects(compilation, 'Namespace')
    assert.equal(emitted.map(({ name }) => name).sort(), namespaces)
    for (const { name, labels } of emitted) {
      const injection = Object.entries(labels).filter(([key]) => injectionLabels.includes(key))
      const isOff = spec.namespaces?.[name]?.injection === 'off'
      assert.equal(
        Object.fromEntries(injection),
        isOff ? { 'istio-injection': 'disabled' } : label,
        `the labels of ${name}`,
      )
      if (isOff) saw('a namespace without injection')
      else
        saw(
          revision === undefined ? 'a namespace of the default revision' : 'a namespace of a named revision',
        )
    }

    const helm = getHelmValues(compilation)
    assert.is(getIstioOperator(compilation).revision, revision, 'the revision that istioctl installs')
    assert.is(helm.istiod.revision, revision, 'the revision that Helm installs')
    assert.is(helm.base.defaultRevision, revision ?? 'default', 'the revision that validates')
    for (const { workload } of gateways) {
      if (workload === undefined) continue
      assert.is(helm.gateway(workload).revision, revision, `the revision of ${workload}`)
      saw('a gateway')
    }
  },
)
