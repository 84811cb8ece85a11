import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { assumesTheSame } from '../../compiler/manifests/assumes-the-same.ts'
import { listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { everyDrawnMesh, everyMesh, everyShippedMesh } from '../support/every-mesh.ts'
import { compileSpec, tryCompileSpec } from '../support/specs.ts'

const objects = suite('objects of a compilation')

objects('are what stands in the files, each at its line', () => {
  const check = (compilation: Compilation, some: readonly ManifestObject[]) => {
    for (const { value, file, line } of some) {
      const text = compilation.file(file.slice('out/prod/'.length))?.text ?? ''
      const rest = text.split('\n').slice(line - 1)
      const [document] = parseAllDocuments(rest.join('\n'))
      assert.equal(document?.toJS(), value)
    }
  }
  everyShippedMesh(compilation => check(compilation, listCompiledObjects(compilation, 'out/prod')))
  everyDrawnMesh(compilation => {
    // The test asks only about the last object of each drawn mesh: asking for all lines prints the mesh as
    // many times.
    check(compilation, listCompiledObjects(compilation, 'out/prod').slice(-1))
  })
})

objects('with what is assumed beside them, every workload of a spec is there with its identity', () =>
  everyMesh(compilation => {
    const { mesh } = compilation
    const objectsBeside = listAssumedObjects(compilation, [])
    const { workloads, services } = readModel([
      ...listCompiledObjects(compilation, 'out/prod'),
      ...objectsBeside,
    ])
    const assumed = workloads.filter(({ assumed }) => assumed !== undefined)

    if (mesh.raw.length === 0) assert.equal(assumed, [])
    for (const { samePods, namespace, serviceAccount, ports, host, sidecar, machines } of mesh.services) {
      // A virtual machine without a sidecar has no identity.
      const hasIdentity = machines === undefined || sidecar.value === 'on'
      const ownWorkloads = workloads.filter(
        workload =>
          workload.namespace === namespace.value &&
          samePods.some(({ name }) => `${workload.name}-`.startsWith(`${name.value}-`)),
      )
      assert.ok(
        ownWorkloads.some(workload => !hasIdentity || workload.serviceAccount === serviceAccount.value),
      )
      if (mesh.raw.length === 0)
        assert.ok(ownWorkloads.every(({ proxy }) => (proxy === 'none') === (sidecar.value === 'off')))
      assert.ok(ports.length === 0 || services.some(service => service.host === host.value))
    }
    for (const { workload, workloadNamespace: namespace } of mesh.gateways) {
      const proxy = workloads.find(
        givenWorkload => givenWorkload.name === workload.value && givenWorkload.namespace === namespace.value,
      )?.proxy
      assert.is(proxy, 'gateway')
    }
  }),
)

objects('an edit that is only about calls leaves as it is what is assumed', () => {
  let [alike, others] = [0, 0]
  const listValues = (compilation: Compilation) =>
    listAssumedObjects(compilation, []).map(({ value }) => value)
  const edits = specs().chain(spec =>
    fc.array(leafEdits(spec), { minLength: 4, maxLength: 4 }).map(edits => ({ spec, edits })),
  )
  holds(
    fc.property(edits, ({ spec, edits }) => {
      const before = compileSpec(spec)
      for (const edit of edits) {
        const after = tryCompileSpec(edit.spec)
        if (after === undefined) continue
        if (assumesTheSame(before.layers.value, after.layers.value)) {
          assert.equal(listValues(after), listValues(before), JSON.stringify(edit.path))
          alike++
        } else others++
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(alike > 30 && others > 30, `${alike} edits about calls, ${others} others`)
})

objects('of some files are those of all files, in their order', () =>
  everyMesh(compilation => {
    const all = [...compilation.manifests('for-cluster')]
    const paths = [...new Set(all.map(({ path }) => path))].filter((_, index) => index % 3 !== 1)
    // The answer does not follow the order of the question.
    const asked = new Set(paths.toReversed())
    const plain = ({ path, kind, object }: (typeof all)[number]) => ({ path, kind, object })
    assert.equal(
      [...compilation.manifests(asked)].map(plain),
      all.filter(({ path }) => asked.has(path)).map(plain),
    )
  }),
)

objects('are called by kind, namespace and name', () => {
  assert.is(
    nameOfObject({ kind: 'Service', metadata: { namespace: 'shop', name: 'web' } }),
    'Service/shop/web',
  )
  assert.is(nameOfObject({ kind: 'Namespace', metadata: { name: 'shop' } }), 'Namespace/shop')
})

objects.run()
