import * as assert from 'uvu/assert'
import { getDeclaredPlane, getRevisionWord, listDeclaredPlanes } from '../support/control-planes.ts'
import { getHelmValues, getIstioOperator, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/** The labels that control injection. With two labels, no spec may rely on the one that wins (IST0123). */
const injectionLabels = [
  'istio-injection',
  'istio.io/rev',
  'istio.io/dataplane-mode',
  'sidecar.istio.io/inject',
]

/** P1. Each namespace of an environment has exactly one label, which selects an installed control plane. */
property(
  1,
  'every namespace has one injection label: of an installed revision, of a tag, or against injection',
  [
    'a namespace of the default revision',
    'a namespace of a named revision',
    'a namespace without injection',
    'a namespace of another control plane',
    'a tag',
    'a gateway',
  ],
  (compilation, { spec, namespaces, gateways }, saw) => {
    const emitted = listObjects(compilation, 'Namespace')
    assert.equal(emitted.map(({ name }) => name).sort(), namespaces)
    for (const { name, labels } of emitted) {
      const injection = Object.entries(labels).filter(([key]) => injectionLabels.includes(key))
      const revision = getRevisionWord(spec, name)
      const label = revision === undefined ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': revision }
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

    for (const { revision, version, tags, suffix } of listDeclaredPlanes(spec)) {
      const operator = getIstioOperator(compilation, suffix)
      const { istiod } = getHelmValues(compilation, suffix)
      assert.is(operator.revision, revision, 'the revision that istioctl installs')
      assert.is(operator.tag, version, 'the version that istioctl installs')
      assert.equal(operator.values?.revisionTags ?? [], tags, 'the tags that istioctl installs')
      assert.is(istiod.revision, revision, 'the revision that Helm installs')
      assert.is(istiod.global?.tag, version, 'the version that Helm installs')
      assert.equal(istiod.revisionTags ?? [], tags, 'the tags that Helm installs')
      if (tags.length > 0) saw('a tag')
      if (suffix !== '' && revision !== getDeclaredPlane(spec).revision)
        saw('a namespace of another control plane')
    }
    const helm = getHelmValues(compilation)
    assert.is(
      helm.base.defaultRevision,
      getDeclaredPlane(spec).revision ?? 'default',
      'the revision that validates',
    )
    for (const { workload, namespace } of gateways) {
      if (workload === undefined) continue
      assert.is(
        helm.gateway(workload).revision,
        getRevisionWord(spec, namespace),
        `the revision of ${workload}`,
      )
      saw('a gateway')
    }
  },
)
