import * as assert from 'uvu/assert'
import { at } from '../support/at.ts'
import { findArgocd, getHelmValues, syncedObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

/**
 * API groups for which Argo CD has health checks, or whose objects cannot fail, such as a namespace or a
 * Prometheus rule.
 */
const judgedElsewhere = ['', 'apps', 'argoproj.io', 'cert-manager.io', 'kiali.io', 'monitoring.coreos.com']

/** P17. Argo CD can check the health of each object: every synced kind of Istio has a health check. */
property(
  17,
  'every kind of Istio has a health check, which reads what istiod writes',
  ['a kind of Istio', 'an environment that Argo CD has no part in'],
  (compilation, _, saw) => {
    const argocd = findArgocd(compilation)
    if (argocd === undefined) {
      saw('an environment that Argo CD has no part in')
      return
    }
    const checks = new Map(
      Object.entries(argocd.settings).flatMap(([key, script]) => {
        const [, kind] = /^resource\.customizations\.health\.(.+)$/.exec(key) ?? []
        return kind === undefined ? [] : [[kind, script] as const]
      }),
    )
    assert.match(checks.get('argoproj.io_Application') ?? '', 'status.health', 'waves wait for Applications')
    for (const { group, kind } of syncedObjects(compilation)) {
      if (judgedElsewhere.includes(group)) continue
      const script = checks.get(`${group}_${kind}`)
      assert.ok(script, `${group}/${kind} has a health check, or its group is in judgedElsewhere`)
      assert.match(script, 'status.validationMessages', `${kind}: what istiod found is read`)
      for (const status of ['Degraded', 'Healthy'])
        assert.match(script, `status = "${status}"`, `${kind} can be ${status}`)
      saw('a kind of Istio')
    }
    // Without this setting, istiod writes no status, and every object is healthy.
    const { istiod } = getHelmValues(compilation)
    assert.is(at(istiod, 'global', 'istiod', 'enableAnalysis'), true, 'istiod writes what it finds')
  },
)
