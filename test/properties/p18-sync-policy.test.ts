import * as assert from 'uvu/assert'
import { findArgocd } from '../support/output.ts'
import { property } from '../support/property.ts'

/** P18. Argo CD syncs as the spec sets, reverts other changes, and retries after a failure. */
property(
  18,
  'every Application is synced when the spec says, and as a whole',
  ['a sync by hand', 'a sync that does not', 'a sync window', 'no sync window', 'a chart'],
  (compilation, { spec: { delivery = {} } }, saw) => {
    const argocd = findArgocd(compilation)
    if (argocd === undefined) return
    const { projects, applications } = argocd
    const { sync = 'manual', window } = delivery
    for (const { name, spec, annotations } of applications) {
      if (spec.source.chart !== undefined) saw('a chart')
      const { automated, syncOptions, retry } = spec.syncPolicy
      const automation = { prune: spec.source.chart !== 'base', selfHeal: true }
      assert.equal(automated, sync === 'automatic' ? automation : undefined, name)
      assert.ok(syncOptions.includes('ServerSideApply=true') && retry.limit > 0 && retry.refresh, name)
      assert.is(annotations['argocd.argoproj.io/compare-options'], 'ServerSideDiff=true', name)
      // The namespaces of the mesh are in git, with the labels that decide on sidecars.
      assert.is(syncOptions.includes('CreateNamespace=true'), spec.source.chart !== undefined, name)
    }
    saw(sync === 'automatic' ? 'a sync that does not' : 'a sync by hand')
    for (const { spec } of projects) {
      assert.equal(
        spec.syncWindows,
        window && [
          {
            kind: 'allow',
            schedule: window.schedule,
            duration: window.duration,
            applications: ['*'],
            manualSync: sync === 'automatic',
            timeZone: window.timeZone ?? 'UTC',
          },
        ],
      )
    }
    saw(window === undefined ? 'no sync window' : 'a sync window')
  },
)
