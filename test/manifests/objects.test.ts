import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import type { Compilation } from '../../compiler/compile.ts'
import { compiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { supposedObjects } from '../../compiler/manifests/supposed-objects.ts'
import { everyDrawnMesh, everyMesh, everyShippedMesh } from '../support/every-mesh.ts'

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
  everyShippedMesh(compilation => check(compilation, compiledObjects(compilation, 'out/prod')))
  everyDrawnMesh(compilation => {
    // Of each drawn mesh the last one: to ask for the lines of all is to print the mesh as many times.
    check(compilation, compiledObjects(compilation, 'out/prod').slice(-1))
  })
})

objects('with what is supposed beside them, every workload of a spec is there with its identity', () =>
  everyMesh(compilation => {
    const { mesh } = compilation
    const supposed = supposedObjects(compilation, [])
    const { workloads, services } = readModel([...compiledObjects(compilation, 'out/prod'), ...supposed])
    const assumed = workloads.filter(({ assumed }) => assumed !== undefined)

    if (mesh.raw.length === 0) assert.equal(assumed, [])
    for (const { name, namespace, serviceAccount, ports, host } of mesh.services) {
      const own = workloads.filter(
        workload =>
          workload.namespace === namespace.value &&
          (workload.name === name.value || workload.name.startsWith(`${name.value}-`)),
      )
      assert.ok(own.some(workload => workload.serviceAccount === serviceAccount.value))
      assert.ok(ports.length === 0 || services.some(service => service.host === host.value))
    }
    for (const { workload, namespace } of mesh.gateways) {
      const proxy = workloads.find(
        one => one.name === workload.value && one.namespace === namespace.value,
      )?.proxy
      assert.is(proxy, 'gateway')
    }
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
