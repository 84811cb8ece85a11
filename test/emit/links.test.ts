import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findDashboard } from '../support/dashboard.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { listObjects } from '../support/output.ts'

const links = suite('links')

const withoutSlash = (url: string) => url.replace(/\/$/, '')

links('an alert has addresses that a browser takes, wherever the spec says where things are', () => {
  const seen = { runbook: 0, runbook_url: 0, dashboard_url: 0 }
  everyMesh((compilation, { spec }) => {
    const { runbooks, grafana } = spec.observability?.links ?? {}
    const files = new Set([...compilation.files()].map(({ path }) => path))
    const uid = findDashboard(compilation)?.uid
    for (const { spec } of listObjects(compilation, 'PrometheusRule'))
      for (const rule of spec.groups.flatMap(({ rules }) => rules ?? [])) {
        if (rule.alert === undefined) continue
        const { runbook, runbook_url, dashboard_url } = rule.annotations ?? {}
        const anchor = `docs/RUNBOOK.md#${rule.alert.toLowerCase()}`
        const hasDocuments = files.has('docs/RUNBOOK.md')
        const place = runbooks === undefined ? runbook : runbook_url
        assert.is(runbooks === undefined ? runbook_url : runbook, undefined)
        assert.is(place?.endsWith(`/${anchor}`), hasDocuments ? true : undefined)
        if (runbooks !== undefined && place !== undefined)
          assert.ok(place.startsWith(`${withoutSlash(runbooks)}/`) && !/[^:]\/\//.test(place), place)
        assert.is(dashboard_url, grafana && uid && `${withoutSlash(grafana)}/d/${uid}`)
        for (const [name, value] of Object.entries({ runbook, runbook_url, dashboard_url }))
          if (value !== undefined) seen[name as keyof typeof seen]++
      }
  })
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 50, `${name}: ${count}`)
})

links(
  'Kiali leads people to where they reach Grafana and traces, and not where it reaches them itself',
  () => {
    let seen = 0
    everyMesh((compilation, { spec }) => {
      const { links = {} } = spec.observability ?? {}
      for (const { spec } of listObjects(compilation, 'Kiali')) {
        const { grafana, tracing } = spec.external_services
        for (const grafanaAccess of [grafana, tracing])
          assert.is(grafanaAccess.enabled, grafanaAccess.internal_url !== undefined)
        assert.is(grafana.external_url, grafana.enabled ? links.grafana : undefined)
        assert.is(tracing.external_url, tracing.enabled ? links.traces : undefined)
        if (grafana.external_url !== undefined || tracing.external_url !== undefined) seen++
      }
    })
    assert.ok(seen > 3, `${seen} have one`)
  },
)

links('the runbook begins with the contacts and the dashboards', () =>
  everyMesh((compilation, { spec }) => {
    const text = [...compilation.files()].find(({ path }) => path === 'docs/RUNBOOK.md')?.text
    if (text === undefined) return
    const head = text.slice(0, text.indexOf('## First look'))
    const { links = {}, onCall, kiali } = spec.observability ?? {}
    assert.is(head.includes('| contact |'), onCall !== undefined)
    assert.is(head.includes('[Grafana]('), links.grafana !== undefined)
    assert.is(head.includes('[Kiali]('), kiali !== undefined && links.kiali !== undefined)
    assert.is(head.includes('[traces]('), links.traces !== undefined)
    assert.is(head.includes('[Argo CD]('), spec.delivery?.argocd?.url !== undefined)
  }),
)

links.run()
