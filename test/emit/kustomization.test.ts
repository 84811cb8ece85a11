import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { at } from '../support/at.ts'
import { everyMesh } from '../support/every-mesh.ts'
import { getKustomization } from '../support/output.ts'

const test = suite('kustomization')

interface Applied {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
}

/**
 * Lists the objects of `manifests/` in the order of `kubectl apply --kustomize`, without an order by kind.
 */
function appliedIn(compilation: Compilation): readonly Applied[] {
  const { sortOptions, resources } = getKustomization(compilation)
  assert.equal(sortOptions, { order: 'fifo' }, 'kubectl does not sort')
  const texts = new Map([...compilation.files()].map(({ path, text }) => [path, text]))
  return resources.flatMap(path =>
    parseAllDocuments(texts.get(path)!, { version: '1.1' }).map(document => {
      const object = document.toJS() as unknown
      const [name, namespace] = ['name', 'namespace'].map(field => at(object, 'metadata', field))
      return {
        kind: String(at(object, 'kind')),
        namespace: namespace as string | undefined,
        name: String(name),
      }
    }),
  )
}

test('a kustomization applies objects in an order that denies no request in between', () => {
  let seen = 0
  everyMesh(compilation => {
    const { mesh } = compilation
    const objects = appliedIn(compilation)
    const indices = (is: (object: Applied) => boolean) =>
      objects.flatMap((object, index) => (is(object) ? [index] : []))
    const namespaces = new Map(
      objects.flatMap(({ kind, name }, index) => (kind === 'Namespace' ? [[name, index] as const] : [])),
    )
    for (const [index, { namespace }] of objects.entries())
      if (namespace !== undefined)
        assert.ok((namespaces.get(namespace) ?? -1) < index, `${namespace} is there`)
    const policies = indices(({ kind }) => kind === 'AuthorizationPolicy')
    const denial = objects.findIndex(
      ({ kind, name, namespace }) =>
        kind === 'AuthorizationPolicy' &&
        name === 'deny-by-default' &&
        namespace === mesh.istio.namespace.value,
    )
    if (mesh.access.value === 'open') assert.is(denial, -1, 'there is no deny-by-default policy')
    else assert.is(policies.at(-1), denial, 'who is allowed is known before everyone else is denied')
    const entrances = indices(({ kind }) => kind === 'Gateway')
    const serviceNames = new Set(
      mesh.services.map(({ name, namespace }) => `${namespace.value}/${name.value}`),
    )
    const subsets = indices(
      ({ kind, name, namespace }) => kind === 'DestinationRule' && serviceNames.has(`${namespace}/${name}`),
    )
    if (entrances.length === 0 || subsets.length === 0) return
    assert.ok(subsets.at(-1)! < entrances[0]!, 'subsets are there before the gateways route to them')
    seen++
  })
  assert.ok(seen > 20, `${seen} meshes have both`)
})

test.run()
