import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { compileText } from '../support/compile-text.ts'
import { everyMesh } from '../support/every-mesh.ts'

const chart = suite('chart')

chart('the README has a row for each value, with its default and the comment above it', () => {
  everyMesh(compilation => {
    const files = indexChart(compilation)
    const values = files.get('values.yaml')
    if (values === undefined) return
    const comments = [...values.matchAll(/^ *# -- (.*)$/gm)].map(([, comment]) => comment)
    const rows = [...files.get('README.md')!.matchAll(/^\| (\S+) \| (\w+) \| `(.*)` \| (.+) \|$/gm)]
    assert.equal(
      Object.fromEntries(rows.map(([, path, , value]) => [path, JSON.parse(value!)])),
      getLeaves(parse(values)),
    )
    assert.equal(rows.map(([, , , , description]) => description).sort(), comments.sort())
  })
})

chart(
  'the README describes the installation and upgrade of the chart, and the switch that opens the mesh',
  () => {
    everyMesh(compilation => {
      const files = indexChart(compilation)
      const text = files.get('README.md')
      if (text === undefined) return
      const { name, istio } = compilation.mesh
      for (const heading of ['## Install', '## Upgrade', '## Values']) assert.match(text, `\n${heading}\n`)
      assert.match(text, `helm upgrade ${name.value} . --install --namespace ${istio.namespace.value}\n`)
      assert.match(text, '`istio.authorizationPolicy: false` **denies nothing any more**')
      // Helm warns the user who sets it once more, if the chart has such policies.
      assert.match(
        files.get('templates/NOTES.txt')!,
        'if not .Values.istio.authorizationPolicy }}\n\nWARNING',
      )
    }, 20)
  },
)

chart('Helm keeps the Namespaces of a release that is uninstalled: all that teams run is in them', () => {
  everyMesh(compilation => {
    const text = indexChart(compilation).get('templates/kubernetes/namespace.yaml')
    if (text === undefined) return
    const countAll = (line: RegExp) => [...text.matchAll(line)].length
    assert.ok(countAll(/^kind: Namespace$/gm) > 0)
    assert.is(countAll(/^ {4}helm\.sh\/resource-policy: keep$/gm), countAll(/^kind: Namespace$/gm))
    assert.match(indexChart(compilation).get('README.md') ?? '', '`helm uninstall` keeps the namespaces')
  }, 20)
})

chart('values have the keys and words of the spec, and only values that the spec sets exist', () => {
  const { services, external, defaults } = getValues(`
meshc: v1
mesh: shop
defaults: { timeout: 20s }
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    versions: { blue: {}, green: {} }
    active: blue
    allow: [{ from: web }]
  reviews:
    namespace: shop
    port: { http: 8080 }
    timeout: 5s
    versions: { v1: {}, v2: {}, v3: {} }
    traffic: { v1: 80%, v3: 20% }
    mirror: { v2: 10% }
    routes:
      - { name: testers, when: { headers: { end-user: jason } }, traffic: { v2: 100% }, mirror: {}, timeout: none }
      - { name: everyone }
    allow: [{ from: web }]
  web: { namespace: shop }
external:
  stripe: { hosts: [api.stripe.com], port: { https: 443 }, tls: originate, timeout: 10s, allow: [{ from: web }] }
  mail: { hosts: [smtp.example.com], port: { tls: 465 }, allow: [{ from: web }] }
`)
  assert.equal(services, {
    orders: { active: 'blue' },
    reviews: {
      timeout: '5s',
      traffic: { v1: '80%', v3: '20%' },
      mirror: { v2: '10%' },
      routes: { testers: { timeout: 'none', traffic: { v2: '100%' }, mirror: {} } },
    },
  })
  assert.equal(external, { stripe: { timeout: '10s' } })
  assert.equal(defaults, { timeout: '20s' })
})

chart('a kind that would fill a file beyond what Helm takes has several', () => {
  const files = indexChart(compiled(benchSpec(benchServices(1000))))
  const rules = [...files].filter(([path]) => /istio\/virtualservice(-\d)?\.yaml$/.test(path))
  assert.equal(
    rules.map(([path]) => path),
    ['templates/istio/virtualservice.yaml', 'templates/istio/virtualservice-2.yaml'],
  )
  for (const [path, text] of rules) {
    assert.ok(text.length < 2_000_000, path)
    assert.is(text.match(/^\{\{- if and \.Values\.istio\.enabled/gm)?.length, 1, path)
    assert.match(text, /\{\{- end \}\}\n$/, path)
  }
})

chart.run()

function compiled(text: string): Compilation {
  const result = compileText(text)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

const indexChart = (compilation: Compilation): ReadonlyMap<string, string> =>
  new Map(
    [...compilation.files()]
      .filter(({ path }) => path.startsWith('chart/'))
      .map(({ path, text }) => [path.slice('chart/'.length), text]),
  )

const getValues = (text: string) =>
  // A chart has values, as a map.
  parse(indexChart(compiled(text)).get('values.yaml')!) as Readonly<Record<string, unknown>>

/** Returns the values that are not maps, and the empty maps, by their paths. */
function getLeaves(value: unknown, path: readonly string[] = []): Readonly<Record<string, unknown>> {
  const isMap = typeof value === 'object' && value !== null
  if (!isMap || Object.keys(value).length === 0) return { [path.join('.')]: value }
  return Object.assign({}, ...Object.entries(value).map(([key, entry]) => getLeaves(entry, [...path, key])))
}
