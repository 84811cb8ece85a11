import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { coversHost } from '../../compiler/mesh/gateway-hosts.ts'
import { compileText } from '../support/compile-text.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { listBlocks } from '../support/markdown.ts'
import { commandsIn } from '../support/shell.ts'
import { compileEnvironment } from '../support/specs.ts'

const readmes = suite('report: README')

const findDocument = (compilation: Compilation, name: string) =>
  [...compilation.files()].find(({ path }) => path === `docs/${name}`)?.text

/** Returns the request by which the README checks the installation. */
function requestIn(text: string) {
  const commands = listBlocks(text).flatMap(({ language, text }) =>
    language === 'sh' ? commandsIn(text) : [],
  )
  const words = commands.find(([tool]) => tool === 'curl')
  const url = words && /^(https?):\/\/([^/:]+)(?::(\d+))?(\/.*)$/.exec(words.at(-1)!)
  if (!url) return undefined
  return {
    method: words.includes('--head') ? 'HEAD' : 'GET',
    scheme: url[1] as 'http' | 'https',
    host: url[2]!,
    port: url[3] === undefined ? undefined : Number(url[3]),
    path: url[4]!,
  }
}

readmes('the request after an installation gets the answer that the README states', () => {
  const seen = { admitted: 0, denied: 0 }
  everyMesh(compilation => {
    const text = findDocument(compilation, 'README.md')
    const request = text === undefined ? undefined : requestIn(text)
    if (text === undefined || request === undefined) return
    const { mesh } = compilation
    const assumed = listAssumedObjects(compilation, [])
    const model = readModel([...listCompiledObjects(compilation, 'out/prod'), ...assumed])
    const { method, scheme, host, port, path } = request
    const covering = mesh.gateways.flatMap(gateway =>
      gateway.hosts
        .map(({ value }) => value)
        .filter(served => coversHost(served, host))
        .map(served => ({ gateway, served })),
    )
    const gateway = covering.toSorted((a, b) => b.served.length - a.served.length)[0]?.gateway
    assert.ok(gateway, host)
    const labels = Object.fromEntries(gateway.selector.map(([label, { value }]) => [label, value]))
    const from = { gateway: { namespace: gateway.workloadNamespace.value, labels }, scheme } as const
    const { outcomes } = evaluate(model, {
      from,
      to: { host, ...(port !== undefined && { port }) },
      method,
      path,
    })
    const service = /^The last command prints the status in the answer of `?([^`\s]+?)`?\./m.exec(text)?.[1]
    for (const { verdict, status, cluster } of outcomes) {
      if (verdict === 'UNKNOWN') continue
      const reported = `${method} ${host}${path}: ${verdict} ${status}`
      if (service === undefined) {
        assert.match(text, /^The last command prints 403 if the installation works/m)
        assert.is(status, 403, reported)
        seen.denied++
      } else {
        assert.is(verdict, 'ALLOW', reported)
        const { host } = mesh.services.find(({ key }) => key === service)!
        assert.ok(cluster?.endsWith(host.value), reported)
        seen.admitted++
      }
    }
  }, 300)
  // Nearly every drawn mesh allows traffic from outside, and only a few meshes do not.
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `${what}: ${count}`)
})

readmes('the README of prod asks for what the gateway lets through', () => {
  const text = findDocument(compileEnvironment('prod'), 'README.md')!
  assert.equal(requestIn(text), {
    method: 'GET',
    scheme: 'https',
    host: 'app.example.com',
    port: undefined,
    path: '/',
  })
})

readmes('the decision record and the architecture count the same edges', () =>
  everyMesh(compilation => {
    const [record, architecture] = ['ADR-0001-istio.md', 'ARCHITECTURE.md'].map(name =>
      findDocument(compilation, name),
    )
    if (record === undefined) return
    const counted = Number(/(\d+) declared edge/.exec(architecture!)?.[1])
    assert.is(Number(/^- (\d+) edges? declare/m.exec(record)?.[1] ?? 0), counted)
    assert.is(Number(/The (\d+) edges?\n?/.exec(record)?.[1]), counted)
  }),
)

readmes('where requests are traced, the README lists the headers that services must forward', () => {
  const ofProvider = (provider: string) => {
    const result = compileText(
      [
        ...['meshc: v1', 'mesh: shop', 'environment: prod', 'observability:', '  tracing:'],
        ...[
          `    provider: ${provider}`,
          ...(provider === 'off' ? [] : ['    collector: zipkin.tracing:9411']),
        ],
        'services: { web: { namespace: web, port: { http: 80 }, allow: [{ from: web }] } }',
      ].join('\n'),
    )
    assert.ok(result.ok)
    return findDocument(result.value, 'README.md')!
  }
  assert.match(
    ofProvider('opentelemetry'),
    'the request that it serves: `x-request-id`, `traceparent`, `tracestate`.',
  )
  assert.match(ofProvider('zipkin'), '`tracestate`, `x-b3-traceid`, `x-b3-spanid`')
  assert.not.match(ofProvider('off'), 'traceparent')
})

readmes('the requirements of the cluster have versions, and name the sources of alerts and scaling', () => {
  const text = findDocument(compileEnvironment('prod'), 'README.md')!
  const needs = text.slice(text.indexOf('## Install'), text.indexOf('Argo CD installs all of it'))
  for (const word of [
    'Argo CD, 3.2 or newer',
    'kubectl 1.27 or newer',
    'metrics-server',
    'a monitor of its metrics',
  ])
    assert.match(needs, word)
})

readmes.run()
