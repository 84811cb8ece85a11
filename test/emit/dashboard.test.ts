import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { findDashboard, getDashboard, type Panel } from '../support/dashboard.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { compileEnvironment } from '../support/specs.ts'

const dashboards = suite('dashboard')

dashboards('panels refer to variables and datasources that the dashboard has', () =>
  everyMesh(compilation => {
    const dashboard = findDashboard(compilation)
    if (dashboard === undefined) return
    const { templating, panels } = dashboard
    const names = templating.list.map(({ name }) => name)
    const sources = templating.list.filter(({ type }) => type === 'datasource').map(({ name }) => `$${name}`)
    // Grafana itself sets these variables.
    const known = new Set([...names, '__rate_interval'])
    const assertKnown = (text: string) => {
      for (const [, name] of text.matchAll(/\$\{?(\w+)/g))
        assert.ok(known.has(name!), `$${name} is a variable`)
    }
    for (const { query, type, datasource } of templating.list) {
      assertKnown(query)
      if (type === 'query') assert.ok(sources.includes(datasource!.uid))
    }
    for (const { type, title, datasource, targets = [] } of panels) {
      if (type === 'row') continue
      assert.ok(sources.includes(datasource!.uid) && targets.length > 0, title)
      for (const { expr, legendFormat, datasource } of targets) {
        assertKnown(expr)
        assert.is(datasource.type, 'prometheus')
        assert.ok(sources.includes(datasource.uid), title)
        // A label that the query sums away would be an empty name.
        const by = /^(?:sum|histogram_quantile).*? by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ')
        if (by === undefined) continue
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) assert.ok(by.includes(label!), title)
      }
    }
  }),
)

dashboards('panels have numbers and places of their own, within the width of a screen', () =>
  everyMesh(compilation => {
    const dashboard = findDashboard(compilation)
    if (dashboard === undefined) return
    const { panels } = dashboard
    assert.is(new Set(panels.map(({ id }) => id)).size, panels.length)
    for (const [index, panel] of panels.entries()) {
      const { x, w } = panel.gridPos
      assert.ok(x >= 0 && x + w <= 24, panel.title)
      for (const otherPanel of panels.slice(0, index))
        assert.not(overlap(panel, otherPanel), `${otherPanel.title}, ${panel.title}`)
    }
  }),
)

dashboards('a dashboard knows the namespaces of its mesh, and has a name that Grafana takes', () =>
  everyMesh((compilation, { spec, services }) => {
    const dashboard = findDashboard(compilation)
    if (dashboard === undefined) return
    const { uid, title, templating } = dashboard
    const homes = new Set(services.map(({ namespace }) => namespace))
    const known = templating.list.find(({ name }) => name === 'namespace')?.query.split(',')
    assert.equal(known, [...homes].sort())
    assert.ok(uid === undefined || (uid.length <= 40 && uid.startsWith(`meshc-${spec.mesh}-`)))
    assert.ok(title.startsWith(`${spec.mesh} (`))
  }),
)

dashboards('where a service has versions, there are panels by version', () =>
  everyMesh((compilation, { services }) => {
    const dashboard = findDashboard(compilation)
    if (dashboard === undefined) return
    const { panels } = dashboard
    const isVersioned = services.some(({ versions }) => Object.keys(versions).length > 1)
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    assert.is(exprs.filter(expr => expr.includes('destination_version')).length, isVersioned ? 3 : 0)
  }),
)

dashboards('a share of requests that fail is 0, and not nothing, where none does', () => {
  const { panels } = getDashboard(compileEnvironment('prod'))
  const shares = panels.flatMap(({ title, targets = [] }) =>
    targets
      .filter(({ expr }) => /code=~"(5|401)|response_flags|BlackHole/.test(expr))
      .map(({ expr }) => ({ title, expr })),
  )
  assert.ok(shares.length > 5)
  for (const { title, expr } of shares) assert.match(expr, / or (label_replace\()?0 \* sum/, title)
})

dashboards(
  'denied requests are counted at the proxy that evaluates the policies, and not by answers of services',
  () => {
    const { panels } = getDashboard(compileEnvironment('prod'))
    const denied = panels.filter(({ title }) => title.includes('denies'))
    assert.equal(
      denied.flatMap(({ targets = [] }) =>
        targets.map(({ expr }) => /rate\((\w+)\{(\w+="\w+")/.exec(expr)?.slice(1)),
      ),
      [['envoy_http_rbac', 'authz_enforce_result="denied"']],
    )
  },
)

dashboards(
  'Grafana finds the dashboard by the labels and in the folder of the spec, or the mesh has no dashboard',
  () => {
    const compiled = (grafana: string) => {
      const result = compileText(`
meshc: v1
mesh: shop
services: { cart: { namespace: shop, port: { http: 80 }, objective: { availability: 99% } } }
observability: { links: { grafana: https://grafana.example.com }${grafana} }
`)
      if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
      const files = [...result.value.files()]
      return {
        metadata: [...result.value.manifests()]
          .filter(({ kind }) => kind === 'ConfigMap')
          .map(({ object }) => (object as { metadata: { labels: object; annotations: object } }).metadata),
        isLinked: files.some(
          ({ path, text }) => path.endsWith('alerts.yaml') && text.includes('dashboard_url'),
        ),
        documents: files.filter(({ path }) => path.startsWith('docs/')).map(({ text }) => text),
      }
    }
    const common = { 'app.kubernetes.io/managed-by': 'meshc', 'app.kubernetes.io/part-of': 'shop' }
    const { metadata, isLinked } = compiled(', grafana: { labels: { board: mesh }, folder: Service mesh }')
    assert.equal(metadata[0]?.labels, { board: 'mesh', ...common })
    assert.equal(metadata[0]?.annotations, {
      'argocd.argoproj.io/sync-wave': '5',
      grafana_folder: 'Service mesh',
    })
    assert.ok(isLinked)
    assert.equal(compiled('').metadata[0]?.labels, { grafana_dashboard: '1', ...common })
    const off = compiled(', grafana: off')
    assert.equal(off.metadata, [])
    assert.not(off.isLinked)
    for (const text of off.documents) assert.not.match(text, /dashboard\.yaml|grafana_dashboard/)
  },
)

dashboards.run()

const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
