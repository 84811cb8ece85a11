import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Callee, External, Mesh, Service } from '../../compiler/mesh/mesh.ts'
import { getTexts, type Spec, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { resolveTexts } from './resolve-spec.ts'
import { plain, sourcedIn } from './values.ts'

const laws = suite('resolve: laws')

/** Returns the mesh of a drawn spec without findings. */
function meshOfSpec(spec: Spec): Mesh {
  const { mesh, findings } = resolveTexts(getTexts(spec), spec.entry)
  assert.equal(
    findings.filter(line => line.startsWith('error')),
    [],
  )
  assert.ok(mesh)
  return mesh
}

laws('drawn specs resolve, and every value has an origin', () => {
  everySpec(spec => {
    for (const sourced of sourcedIn(meshOfSpec(spec))) assert.ok(sourced.origins.length > 0)
  })
})

laws('the order of the keys of a spec never shows', () => {
  holds(
    fc.property(specs(), fc.infiniteStream(fc.nat()), (spec, numbers) => {
      const documents = Object.entries(spec.documents).map(
        ([path, document]) => [path, shuffled(document, numbers)] as const,
      )
      // The shuffle moves keys, and keeps their values.
      const second = { ...spec, documents: Object.fromEntries(documents) as Spec['documents'] }
      assert.equal(plain(meshOfSpec(second)), plain(meshOfSpec(spec)))
    }),
  )
})

function shuffled(value: unknown, numbers: fc.Stream<number>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(part => shuffled(part, numbers))
  const keyed = Object.entries(value).map(entry => ({ entry, order: numbers.next().value as number }))
  const entries = keyed
    .toSorted((a, b) => a.order - b.order)
    .map(({ entry: [key, part] }) => [key, part] as const)
  return Object.fromEntries(entries.map(([key, part]) => [key, shuffled(part, numbers)]))
}

laws('a service may call what names it, its namespace or anyone, and nothing else', () => {
  everySpec(spec => {
    const mesh = meshOfSpec(spec)
    for (const service of mesh.services) {
      const expected = listDestinations(mesh).filter(({ allow }) =>
        allow.some(({ from }) =>
          from.kind === 'service'
            ? from.service === service
            : from.kind === 'namespace' && from.namespace.value === service.namespace.value,
        ),
      )
      assert.equal(service.callees.map(getKey), expected.map(keyOfDestination))
    }
    const open = listDestinations(mesh).filter(({ allow }) =>
      allow.some(({ from }) => from.kind === 'anyone'),
    )
    assert.equal(mesh.publicCallees.map(getKey), open.map(keyOfDestination))
  })
})

/** Lists everything that callers can call, sorted by host. */
const listDestinations = ({ services, externals }: Mesh): readonly (Service | External)[] =>
  [...services, ...externals].toSorted((a, b) =>
    getHost(a) < getHost(b) ? -1 : getHost(a) > getHost(b) ? 1 : 0,
  )

const getHost = (first: Service | External) => ('host' in first ? first.host.value : first.hosts[0]!.value)
const keyOfDestination = (first: Service | External) =>
  'host' in first ? first.key : `external/${first.key}`
const getKey = (callee: Callee) =>
  keyOfDestination(callee.kind === 'service' ? callee.service : callee.external)

laws(
  'ten thousand services of one namespace that allow each other are no more than ten thousand edges',
  () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `service-${index}`)
    const services = names.map(
      name => `  ${name}: { namespace: shop, port: { http: 80 }, allow: [{ from: namespace/shop }] }`,
    )
    const { mesh } = resolveTexts({
      'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\nservices:\n${services.join('\n')}\n`,
    })
    assert.ok(mesh)
    const lists = new Set(mesh.services.map(({ callees }) => callees))
    assert.is(lists.size, 1)
    assert.is([...lists][0]?.length, names.length)
  },
)

laws.run()
