import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specs } from '../arbitraries/mesh.ts'
import { at } from '../support/at.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import type { KubernetesObject } from './objects.ts'
import { writeCluster, writeOutput } from './outputs.ts'
import { synthesize } from './synthesize.ts'
import { oracle, requireOracle, warningOfFilters, withDirectory } from './tools.ts'

const out = suite('out')
const seed = Number(process.env['SEED'] ?? 20261124)

const testCheck = await requireOracle(out, 'check', 'certificate')
const testIstioctl = await requireOracle(out, 'istioctl')
const testKubectl = await requireOracle(out, 'kubectl')
const testBookinfo = await requireOracle(out, 'check', 'certificate', 'bookinfo')

testCheck('the cluster takes every environment without a word', () =>
  withDirectory(async directory => {
    const { checkAll, certificate } = await oracle()
    const companions = await certificate()
    const sets = await inTurn(environments, name =>
      writeCluster(compileEnvironment(name), join(directory, name.replaceAll('/', '-')), companions),
    )
    for (const report of await checkAll(sets)) {
      assert.equal(report.findings, [], report.directory)
      assert.ok(report.objects > 10 && report.analyzers > 50, JSON.stringify(report))
    }
  }),
)

testCheck(`the cluster takes 200 drawn specs without a word (seed ${seed})`, () =>
  withDirectory(async directory => {
    const { checkAll, certificate } = await oracle()
    const companions = await certificate()
    const drawn = fc.sample(specs(), { seed, numRuns: 200 })
    const sets = await inTurn(drawn, (spec, index) =>
      writeCluster(compileSpec(spec), join(directory, `spec-${index}`), companions),
    )
    const reports = await checkAll(sets)
    const result = reports.flatMap(({ directory, findings }) =>
      findings.map(finding => ({ directory, ...finding })),
    )
    assert.equal(result, [], `SEED=${seed}`)
  }),
)

testBookinfo('the cluster takes Bookinfo around its real workloads without a word', () =>
  withDirectory(async directory => {
    const { checkAll, certificate, bookinfo } = await oracle()
    const compilation = compileEnvironment('examples/bookinfo')
    const { mesh } = compilation
    const sample = await readFile(join(bookinfo(), 'platform/kube/bookinfo.yaml'), 'utf8')
    // The sample is applied with `kubectl apply -n bookinfo`.
    const workloads = loadAll(sample)
      .filter(object => object !== null)
      .map(object => inNamespace(object as KubernetesObject, 'bookinfo'))
    const namespaces = new Set(mesh.services.map(({ namespace }) => namespace.value))
    const madeUp = synthesize(mesh, await certificate()).filter(
      ({ metadata }) => metadata.namespace === undefined || !namespaces.has(metadata.namespace),
    )
    const pods = workloads.filter(({ kind }) => kind === 'Deployment').map(getPod)
    const set = await writeCluster(compilation, join(directory, 'bookinfo'), [
      ...madeUp,
      ...workloads,
      ...pods,
    ])
    const [report] = await checkAll([set])
    assert.equal(report?.findings, [])
    assert.is(pods.length, 6)
  }),
)

/**
 * Matches the output for a file with only those warnings that Istio has for every EnvoyFilter: rate limits
 * need EnvoyFilters.
 */
const filterWarnings = new RegExp(
  `^".*" has warnings: *\n(\t\\* EnvoyFilter/\\S+: ${warningOfFilters}.*\n)+\n`,
  'gm',
)

for (const name of environments) {
  testIstioctl(`istioctl validates and analyzes out/${name}`, () =>
    withDirectory(async directory => {
      const { istioctl } = await oracle()
      await writeOutput(compileEnvironment(name), directory)
      const manifests = join(directory, 'manifests')
      const validated = await istioctl(['validate', '-f', manifests])
      assert.is(validated.status, 0, validated.stderr + validated.stdout)
      const complaints = (validated.stdout + validated.stderr).replaceAll(filterWarnings, '')
      assert.not.match(complaints, /warning/i)
      const analyzed = await istioctl([
        'analyze',
        '--use-kube=false',
        '-A',
        '--failure-threshold',
        'Info',
        manifests,
      ])
      assert.is(analyzed.status, 0, analyzed.stdout + analyzed.stderr)
      assert.match(analyzed.stderr + analyzed.stdout, /No validation issues found/)
    }),
  )

  testKubectl(`kustomize builds out/${name} from every manifest in it`, () =>
    withDirectory(async directory => {
      const { kubectl } = await oracle()
      await writeOutput(compileEnvironment(name), directory)
      const built = await kubectl(['kustomize', directory])
      assert.is(built.status, 0, built.stderr)
      assert.is(built.stderr, '')
      const files = (await readdir(join(directory, 'manifests'), { recursive: true })).filter(file =>
        file.endsWith('.yaml'),
      )
      const texts = await inTurn(files, file => readFile(join(directory, 'manifests', file), 'utf8'))
      const objects = loadAll(built.stdout)
      assert.equal(sorted(objects), sorted(texts.flatMap(text => loadAll(text))))
      const policies = objects.filter(object => at(object, 'kind') === 'AuthorizationPolicy')
      assert.is(at(policies.at(-1), 'metadata', 'name'), 'deny-by-default', 'who is allowed comes first')
    }),
  )
}

testIstioctl(`istioctl validates and analyzes drawn specs (seed ${seed})`, () =>
  withDirectory(async directory => {
    const { istioctl } = await oracle()
    for (const [index, spec] of fc.sample(specs(), { seed, numRuns: 5 }).entries()) {
      const folder = join(directory, `spec-${index}`)
      await mkdir(folder)
      await writeOutput(compileSpec(spec), folder)
      const manifests = join(folder, 'manifests')
      const validated = await istioctl(['validate', '-f', manifests])
      assert.is(validated.status, 0, validated.stderr + validated.stdout)
      const analyzed = await istioctl([
        'analyze',
        '--use-kube=false',
        '-A',
        '--failure-threshold',
        'Info',
        manifests,
      ])
      assert.is(analyzed.status, 0, analyzed.stdout + analyzed.stderr)
    }
  }),
)

out.run()

/** Uses the entries one after the other, and keeps their order. */
async function inTurn<T, U>(
  entries: readonly T[],
  use: (entry: T, index: number) => Promise<U>,
): Promise<readonly U[]> {
  const results: U[] = []
  for (const [index, entry] of entries.entries()) results.push(await use(entry, index))
  return results
}

const sorted = (objects: readonly unknown[]) =>
  objects.map(object => JSON.stringify(canonical(object))).sort()

/** Returns the same value with the keys of each map in order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(keys.map(([key, entry]) => [key, canonical(entry)]))
}

const inNamespace = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
})

/** Makes the pod that a Deployment would start, with its injected sidecar. */
function getPod(deployment: KubernetesObject): KubernetesObject {
  const { template } = deployment['spec'] as {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: { readonly containers: readonly object[] }
    }
  }
  const { name, namespace } = deployment.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(namespace !== undefined && { namespace }), labels: template.metadata.labels },
    spec: {
      ...template.spec,
      containers: [
        ...template.spec.containers,
        { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4' },
      ],
    },
    status: { phase: 'Running' },
  }
}
