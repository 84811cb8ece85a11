// Argo CD's own code runs on the objects of meshc: its health checks in Lua, its reader of settings, and the
// permissions of an AppProject. The tests also render the charts that its Applications install.

import { readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { load, loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { specs } from '../arbitraries/mesh.ts'
import { at, listAt } from '../support/at.ts'
import { type ArgocdObjects, findArgocd } from '../support/output.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const argocd = suite('Argo CD')
const seed = Number(process.env['SEED'] ?? 20261124)
const settingsFile = join(import.meta.dirname, '../../out/prod/argocd/argocd-cm.yaml')

const testArgocd = await requireOracle(argocd, 'argocd')
const testCrds = await requireOracle(argocd, 'crdFiles')
const testArgocheck = await requireOracle(argocd, 'argocheck')
const testHelm = await requireOracle(argocd, 'helm', 'chart')

// Fixtures in the layout of Argo CD: <group>/<Kind>/health_test.yaml has the expected health of each file of
// testdata/.
const fixtures = join(import.meta.dirname, 'argocd')
for (const group of readdirSync(fixtures))
  for (const kind of readdirSync(join(fixtures, group)))
    testArgocd(`it judges the health of ${kind} of ${group} as its fixtures say`, async () => {
      const folder = join(fixtures, group, kind)
      const tests = listAt(load(await readFile(join(folder, 'health_test.yaml'), 'utf8')), 'tests')
      const inputs = tests.map(test => String(at(test, 'inputPath')).replace('testdata/', ''))
      assert.equal(inputs.toSorted(), readdirSync(join(folder, 'testdata')).sort(), 'every file is judged')
      for (const test of tests) {
        const file = join(folder, String(at(test, 'inputPath')))
        assert.equal(await getHealth(file, settingsFile), at(test, 'healthStatus'), file)
      }
    })

testArgocd('it runs a script without libraries that it does not open, and reports errors', () =>
  withDirectory(async directory => {
    const file = join(fixtures, 'networking.istio.io/VirtualService/testdata/healthy_noStatus.yaml')
    const settings = await readFile(settingsFile, 'utf8')
    const with_ = async (wrong: string) => {
      const changed = join(directory, 'argocd-cm.yaml')
      const text = settings.replaceAll('return { status = "Healthy" }', wrong)
      assert.not.equal(text, settings)
      await writeFile(changed, text)
      return getHealth(file, changed)
    }
    assert.match(
      (await with_('return { status = string.upper("healthy") }')).message,
      /attempt to index a non-table object\(nil\) with key 'upper'/,
    )
    assert.match((await with_('return { status = "Fine" }')).message, /invalid health status/)
  }),
)

testCrds('every kind of Istio has a health check, and Argo CD’s own Application', async () => {
  const texts = await Promise.all((await (await oracle()).crdFiles()).map(file => readFile(file, 'utf8')))
  const kinds = texts
    .flatMap(text => loadAll(text))
    .filter(crd => String(at(crd, 'spec', 'group')).endsWith('istio.io'))
    .map(crd => `${at(crd, 'spec', 'group')}_${at(crd, 'spec', 'names', 'kind')}`)
  assert.ok(kinds.length > 10)
  const { settings } = findArgocd(compileEnvironment('prod'))!
  const prefix = 'resource.customizations.health.'
  assert.equal(
    Object.keys(settings).sort(),
    ['argoproj.io_Application', ...kinds].map(kind => `${prefix}${kind}`).sort(),
  )
})

testArgocd('it takes the settings', async () => {
  const { status, stdout, stderr } = await (await oracle()).argocd([
    'admin',
    'settings',
    'validate',
    '--argocd-cm-path',
    settingsFile,
  ])
  assert.is(status, 0, stderr)
  assert.match(stdout, /✅ resource-overrides/)
  assert.not.match(stdout, /❌/)
})

for (const name of environments)
  testArgocheck(`it permits every Application of ${name}, `, () =>
    withDirectory(async directory => {
      const objects = findArgocd(compileEnvironment(name))!
      assert.equal(await refusals(inItsOwnCluster(objects), directory), [])
    }),
  )

testArgocheck(`it permits every Application of 80 drawn specs (seed ${seed})`, () =>
  withDirectory(async directory => {
    let delivered = 0
    for (const [index, spec] of fc.sample(specs(), { seed, numRuns: 80 }).entries()) {
      const objects = findArgocd(compileSpec(spec))
      if (objects === undefined) continue
      delivered++
      const folder = join(directory, String(index))
      await mkdir(folder)
      assert.equal(await refusals(inItsOwnCluster(objects), folder), [], `SEED=${seed}, spec ${index}`)
    }
    assert.ok(delivered > 10, `${delivered} specs are delivered`)
  }),
)

testArgocheck('it refuses an Application that reads from elsewhere, or writes elsewhere', () =>
  withDirectory(async directory => {
    const objects = findArgocd(compileEnvironment('prod'))!
    const [first, ...argocdObjects] = objects.applications
    const changed = async (source: object, destination: object) => {
      const spec = {
        ...first!.spec,
        source: { ...first!.spec.source, ...source },
        destination: { ...first!.spec.destination, ...destination },
      }
      return (
        await refusals({ ...objects, applications: [{ ...first!, spec }, ...argocdObjects] }, directory)
      ).join('\n')
    }
    assert.match(await changed({ repoURL: 'https://charts.example.org' }, {}), /is not permitted in project/)
    assert.match(
      await changed({}, { namespace: 'kube-system' }),
      /do not match any of the allowed destinations/,
    )
  }),
)

const installed = new Set<string>()
for (const name of environments)
  testHelm(
    `the charts that ${name} installs hold only what is allowed, and nothing that istiod changes`,
    () =>
      withDirectory(async directory => {
        const compilation = compileEnvironment(name)
        const objects = await installedBy(compilation, directory)
        const project = findArgocd(compilation)!.projects.find(({ name }) =>
          name.endsWith('-control-plane'),
        )!.spec
        const inNamespaces = objects.filter(object => at(object, 'metadata', 'namespace') !== undefined)
        const inNone = objects.filter(object => at(object, 'metadata', 'namespace') === undefined)

        const allowed = listNames(project.namespaceResourceWhitelist)
        for (const name of listNames(inNamespaces.map(getKind))) {
          assert.ok(allowed.includes(name), name)
          installed.add(name)
        }
        const { clusterResourceWhitelist } = project
        // Argo CD makes the namespace before it installs the chart.
        const isNamespace = ({ kind }: { readonly kind: string }) => kind === 'Namespace'
        assert.equal(
          listNames(clusterResourceWhitelist.filter(clusterKind => !isNamespace(clusterKind))),
          listNames(inNone.map(getKind)),
        )
        for (const object of inNone) {
          const objectName = String(at(object, 'metadata', 'name'))
          const { kind } = getKind(object)
          const patterns = clusterResourceWhitelist
            .filter(clusterKind => clusterKind.kind === kind)
            .map(({ name }) => name!)
          const isMatched = patterns.some(pattern =>
            new RegExp(`^${pattern.replace('*', '.*')}$`).test(objectName),
          )
          assert.ok(isMatched, `${kind} ${objectName} is matched by ${patterns}`)
        }
        assert.equal(
          new Set(project.destinations.map(({ namespace }) => namespace)),
          new Set(inNamespaces.map(object => at(object, 'metadata', 'namespace'))),
        )

        // istiod sets its CA and changes Ignore to Fail. The chart has neither value, so Argo CD need not
        // ignore them.
        const webhooks = objects.flatMap(object => listAt(object, 'webhooks'))
        assert.ok(webhooks.length > 3)
        for (const webhook of webhooks) {
          assert.is(at(webhook, 'clientConfig', 'caBundle'), undefined)
          assert.is(at(webhook, 'failurePolicy'), 'Fail')
        }
        // An autoscaler sets the number of replicas.
        for (const object of objects)
          if (getKind(object).kind === 'Deployment') assert.is(at(object, 'spec', 'replicas'), undefined)
      }),
  )

testHelm(
  'every kind that is allowed of charts is in one of these, but what is made of it and shown beside it',
  () => {
    const { projects } = findArgocd(compileEnvironment('prod'))!
    const project = projects.find(({ name }) => name.endsWith('-control-plane'))!.spec
    const made = ['/Pod', 'apps/ReplicaSet']
    assert.equal([...installed, ...made].sort(), listNames(project.namespaceResourceWhitelist))
  },
)

argocd.run()

interface Health {
  readonly status: string
  readonly message: string
}

/** Returns the health that Argo CD reports for an object, or its complaint. */
async function getHealth(file: string, settings: string): Promise<Health> {
  const command = ['admin', 'settings', 'resource-overrides', 'health', file, '--argocd-cm-path', settings]
  const { stdout, stderr } = await (await oracle()).argocd(command)
  const [, status, message] = /^STATUS: (.*)\nMESSAGE: (.*)$/m.exec(stdout) ?? []
  return { status: status ?? '', message: message ?? stderr }
}

/**
 * Returns the same objects for the cluster that Argo CD runs in: only an installation knows other clusters.
 */
function inItsOwnCluster({ projects, applications, ...rest }: ArgocdObjects): ArgocdObjects {
  const destination = ({ namespace }: { readonly namespace: string }) => ({
    server: 'https://kubernetes.default.svc',
    namespace,
  })
  return {
    ...rest,
    projects: projects.map(project => ({
      ...project,
      spec: { ...project.spec, destinations: project.spec.destinations.map(destination) },
    })),
    applications: applications.map(application => ({
      ...application,
      spec: { ...application.spec, destination: destination(application.spec.destination) },
    })),
  }
}

/** Lists the complaints of Argo CD about the Applications of an environment. */
async function refusals(
  { projects, applications }: ArgocdObjects,
  directory: string,
): Promise<readonly string[]> {
  const { argocheck } = await oracle()
  const result: string[] = []
  const write = async (
    kind: string,
    { name, namespace, spec }: (typeof projects | typeof applications)[number],
  ) => {
    const file = join(directory, `${name}.${kind}.json`)
    const object = { apiVersion: 'argoproj.io/v1alpha1', kind, metadata: { name, namespace }, spec }
    await writeFile(file, JSON.stringify(object))
    return file
  }
  for (const project of projects) {
    const argocdObjects = applications.filter(({ spec }) => spec.project === project.name)
    const files = await Promise.all(argocdObjects.map(application => write('Application', application)))
    const { status, stdout, stderr } = await argocheck([
      'permit',
      '-project',
      await write('AppProject', project),
      ...files,
    ])
    const lines = stdout.trim().split('\n')
    if (status !== 0) result.push(...lines.filter(line => !line.endsWith(': permitted')), stderr)
    else assert.is(lines.filter(line => line.endsWith(': permitted')).length, argocdObjects.length)
  }
  return result
}

/** Lists the objects that the charts render for the Applications, with the options of Argo CD. */
async function installedBy(compilation: Compilation, directory: string): Promise<readonly unknown[]> {
  const { helm, chart } = await oracle()
  const objects: unknown[] = []
  for (const { name, spec } of findArgocd(compilation)!.applications) {
    const { source, destination } = spec
    if (source.chart === undefined || source.helm === undefined) continue
    const values = join(directory, `${name}.json`)
    await writeFile(values, JSON.stringify(source.helm.valuesObject))
    const { status, stdout, stderr } = await helm([
      'template',
      source.helm.releaseName,
      chart(source.chart),
      '--namespace',
      destination.namespace,
      '--include-crds',
      '--values',
      values,
    ])
    assert.is(status, 0, stderr)
    objects.push(...loadAll(stdout).filter(object => object !== null))
  }
  return objects
}

function getKind(object: unknown) {
  const apiVersion = String(at(object, 'apiVersion'))
  return {
    group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '',
    kind: String(at(object, 'kind')),
  }
}

const listNames = (kinds: readonly { readonly group: string; readonly kind: string }[]) =>
  [...new Set(kinds.map(({ group, kind }) => `${group}/${kind}`))].sort()
