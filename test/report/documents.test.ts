import { posix } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mapPath } from '../../bin/project/built-files.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { getEntry, getOutput, getSource } from '../support/built-from.ts'
import { compileText } from '../support/compile-text.ts'
import { declaredIn } from '../support/declared.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { getProse, listAnchors, listBlocks, listTables } from '../support/markdown.ts'
import { commandsIn } from '../support/shell.ts'
import { compileEnvironment } from '../support/specs.ts'
import { readCommand } from './command-lines.ts'
import { type KnownNames, knownNames, unknownNames } from './known-names.ts'

const documents = suite('report: documents')

/** Lists the documents of an environment; none if it builds no documents. */
const listDocuments = (compilation: Compilation) =>
  [...compilation.files()].filter(({ path }) => path.startsWith('docs/'))

/** The context of a document. */
interface Context {
  readonly path: string
  /** The mesh.yaml that people change, and the folder of the files built from it. */
  readonly source: string
  readonly output: string
  /** Every file of the environment, from the root of the repository. */
  readonly files: ReadonlyMap<string, string>
  readonly known: KnownNames
}

/** The laws of a document. Each law returns the number of things that it has checked. */
const laws: Readonly<Record<string, (text: string, context: Context) => number>> = {
  'each row of a table has as many cells as its head': (text, { path }) => {
    const tables = listTables(text)
    for (const rows of tables) {
      const widths = new Set(rows.map(cells => cells.length))
      assert.is(widths.size, 1, `${path}: ${rows.map(row => row.join('|')).join('\n')}`)
      assert.ok(rows.length > 2, `${path}: a table without rows: ${rows[0]?.join('|')}`)
    }
    return tables.length
  },
  'fences are closed, and what is in them is written for machines': (text, { path }) => {
    const blocks = listBlocks(text)
    for (const { text: inner, language } of blocks) {
      assert.not.match(inner, /&#\d+;|<code>|undefined|\[object/, path)
      assert.ok(['sh', 'yaml', 'diff', 'mermaid', 'markdown'].includes(language), `${path}: ${language}`)
    }
    return blocks.length
  },
  'prose has no hole, no part of a template, and no blank that shows': (text, { path }) => {
    assert.not.match(text, /<%|%>|\[object |\bNaN\b|\bundefined\b/, path)
    assert.not.match(text, /[ \t]$/m, path)
    assert.not.match(text, /\n\n\n/, path)
    const prose = getProse(text.replaceAll(/`[^`\n]*`/g, 'code'))
    assert.not.match(prose, / [,;.:](?= |$)/m, `${path}: ${/.* [,;.:](?= |$).*/m.exec(prose)?.[0]}`)
    assert.match(text, /^# \S.*\n\n/, path)
    assert.ok(text.endsWith('\n'), path)
    return 1
  },
  'every link leads to a file that is there, and to a heading in it': (
    text,
    { path, source, output, files },
  ) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter(link => !/^https?:/.test(link))
    for (const link of links) {
      const [target = '', anchor] = link.split('#')
      const file = target === '' ? `${output}/${path}` : posix.join(`${output}/docs`, decodeURI(target))
      assert.ok(file === source || files.has(file), `${path}: ${link}`)
      if (anchor !== undefined)
        assert.ok(listAnchors(files.get(file) ?? '').includes(anchor), `${path}: ${link}`)
    }
    return links.length
  },
  'the runbook has a heading for each alert, and for no other': (text, { path, files, output }) => {
    if (path !== 'docs/RUNBOOK.md') return 0
    const alerts = [...files].flatMap(([file, rules]) =>
      file.startsWith(`${output}/manifests/`)
        ? [...rules.matchAll(/^ +(?:- )?alert: (\w+)$/gm)].map(([, name = '']) => name)
        : [],
    )
    const headings = [...text.slice(text.indexOf('\n## Alerts')).matchAll(/^### (\w+)$/gm)]
    assert.equal(headings.map(([, name]) => name).sort(), [...new Set(alerts)].sort())
    for (const [, address = ''] of [...files.values()]
      .join('')
      .matchAll(/^ +runbook(?:_url)?: "?([^"\n]*)/gm)) {
      // The path starts at the root of the git repository, which can be above the folder of the project.
      const [file = '', anchor = ''] = address.split('#')
      assert.ok(file.endsWith(`${output}/${path}`) && listAnchors(text).includes(anchor), address)
    }
    return headings.length
  },
  'every command exists, and names what is in the mesh': (text, { path, known }) => {
    const scripts = listBlocks(text).filter(({ language }) => language === 'sh')
    assert.equal(
      scripts.flatMap(({ text }) => listFaults(text, known)),
      [],
      path,
    )
    return scripts.length
  },
}

documents(`of every document: ${Object.keys(laws).join('; ')}`, () => {
  const seen = new Map<string, number>()
  everyMesh((compilation, declared) => {
    const source = getSource(compilation)
    const output = getOutput(compilation)
    const files = new Map([...compilation.files()].map(({ path, text }) => [`${output}/${path}`, text]))
    // The command draws the map, which is not a file of the compilation.
    if (compilation.mesh.delivery.outputs.map !== undefined) files.set(`${output}/${mapPath}`, '')
    const names = knownNames(compilation, declared, getEntry(compilation))
    for (const { path, text } of listDocuments(compilation)) {
      for (const [name, law] of Object.entries(laws))
        seen.set(name, (seen.get(name) ?? 0) + law(text, { path, source, output, files, known: names }))
    }
  })
  for (const [name, count] of seen) assert.ok(count > 300, `${name}: ${count} things were seen`)
  assert.equal([...seen.keys()], Object.keys(laws))
})

documents('logs of pods that a label selects are read whole: kubectl shows ten lines else', () =>
  everyMesh(compilation => {
    for (const { path, text } of listDocuments(compilation))
      for (const words of listBlocks(text).flatMap(({ language, text }) =>
        language === 'sh' ? commandsIn(text) : [],
      ))
        if (words[1] === 'logs' && words.includes('--selector'))
          assert.is(words[words.indexOf('--tail') + 1], '-1', `${path}: ${words.join(' ')}`)
  }),
)

documents(
  'a rollback takes back the last change of the environment, and brings it to where Argo CD reads',
  () => {
    const text = listDocuments(compileEnvironment('prod')).find(
      ({ path }) => path === 'docs/RUNBOOK.md',
    )!.text
    const section = text.split(/^(?=## )/m).find(part => part.startsWith('## Roll a change back'))!
    assert.match(section, 'git log --format=%H -1 -- out/prod | xargs git revert --no-edit\n')
    assert.match(section, '\ngit push\n')
    assert.match(section, 'Argo CD reads `main`')
    assert.not.match(section, /revert .*HEAD/)
  },
)

documents('a restart command restarts pods of StatefulSets and DaemonSets, too', () =>
  everyMesh(compilation => {
    for (const { path, text } of listDocuments(compilation))
      for (const [, kinds] of text.matchAll(/kubectl rollout restart (\S+) --namespace/g))
        assert.is(kinds, 'deployments,statefulsets,daemonsets', path)
  }),
)

/** Lists the faults in the commands of a script. */
const listFaults = (script: string, names: KnownNames) =>
  commandsIn(script).flatMap(words => {
    const [line, faults] = readCommand(words)
    return [...faults, ...unknownNames(line, names)].map(fault => `${words.join(' ')}: ${fault}`)
  })

documents('a command that does not exist, or names what is not there, is found', () => {
  const wrong = [
    'istioctl proxy-statsu',
    'istioctl analyze --all-namespace',
    'istioctl proxy-config routes service/my-apo --namespace my-api',
    'istioctl proxy-config routes service/my-api --namespace web',
    'istioctl proxy-config routes service/my-api --namespace my-api --name 8081',
    'istioctl proxy-config routes 8080 --namespace my-api',
    "istioctl proxy-config endpoints service/web --namespace web --cluster 'outbound|8080|green|my-api.my-api.svc.cluster.local'",
    'istioctl proxy-config clusters service/my-api --namespace my-api --fqdn api.strype.com',
    'istioctl experimental describe service my-apo --namespace my-api',
    'istioctl install --filename out/prod/istio/istio-opreator.yaml',
    'kubectl get pods --namespace my-apo',
    'kubectl get pods --namespace my-api --selector app=my-apo',
    'kubectl get secret public-tsl --namespace istio-ingress',
    'kubectl get pods --namespcae my-api',
    'kubectl rollout restart deployment istoid --namespace istio-system',
    'kubectl logs deployment/istoid --namespace istio-system --since 5m --tail',
    'kubectl apply --server-side --kustomize out/prd',
    'helm upgrade istiod istiod --install --values out/prod/istio/values.yaml',
    'argocd app sync shop-prod-manifest',
    'argocd app list --project shop-prd',
    'argocd app snyc shop-prod-manifests',
    'npx --no-install meshc build --env prd',
    'npx --no-install meshc built',
    'npx meshc build',
    'git diff --stat -- out/prd',
    'curl --silent https://api.example.org/',
    'sed -i s/a/b/ out/prod/kustomization.yaml',
  ]
  const compilation = compileEnvironment('prod')
  const names = knownNames(compilation, declaredIn(compilation), 'spec/prod/mesh.yaml')
  assert.equal(
    wrong.filter(command => listFaults(command, names).length === 0),
    [],
  )
})

documents('signs that mean something to Markdown or Mermaid are signs like others', () => {
  const hostile = '| a `b` *c* <d> [e](f) ~~g~~ \\ &amp; # ```'
  const result = compileText(`
meshc: v1
mesh: shop
environment: prod
services:
  web:
    namespace: web
    port: { http: 80 }
    allow:
      - { from: web, methods: [GET], because: "${hostile.replaceAll('\\', '\\\\')}" }
      - { from: external-caller/other.domain/ns/UPPER_case/sa/x, methods: [GET] }
expect: [{ from: web, to: web, method: GET, because: "${hostile.replaceAll('\\', '\\\\')}" }]
`)
  assert.ok(result.ok, JSON.stringify(result.diagnostics.map(({ message }) => message)))
  const texts = listDocuments(result.value).map(({ text }) => text)
  for (const text of texts) {
    assert.not.match(getProse(text), /<d>|\*c\*|\[e\]|~~g/)
    for (const rows of listTables(text)) assert.is(new Set(rows.map(cells => cells.length)).size, 1, text)
  }
  assert.ok(texts.some(text => text.includes('&#124; a &#96;b&#96; &#42;c&#42; &#60;d&#62;')))
  assert.ok(texts.some(text => text.includes('identity-other.domain_47_ns_47__85__80__80__69__82__95_case')))
})

documents.run()
