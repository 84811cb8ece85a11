import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { completeManifests } from '../../bin/manifests/complete-manifests.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import type { ModelObject } from '../../compiler/behavior/model.ts'
import { makeModelReader } from '../../compiler/behavior/read/read-model.ts'
import { isRoutingClaim } from '../../compiler/behavior/read/refusals/headers.ts'
import { compile } from '../../compiler/compile.ts'
import { type ImportedMesh, importMesh } from '../../compiler/import/import-mesh.ts'
import { printSpecs } from '../../compiler/import/spec-files.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { listObjects } from '../support/model-of.ts'

const laws = suite('laws: import')

function importObjects(values: readonly unknown[], environment = 'prod'): ImportedMesh {
  const read = makeModelReader()
  const { objects } = completeManifests(read, listObjects(values))
  const entry = 'spec/prod/mesh.yaml'
  const head = { meshc: 'v1', mesh: 'shop', environment, manages: 'mesh' }
  return importMesh({ entry, head, read, objects, part: undefined, limits: usualLimits })
}

const printText = (imported: ImportedMesh): string =>
  printSpecs([{ name: 'prod', imported, head: ' Imported.' }])[0]!.text

/**
 * Checks whether a spec is proved to have the behavior of the manifests. Asserts that its text has exactly
 * the compared content.
 */
function isEqual(imported: ImportedMesh): boolean {
  const { differences, defects } = imported.comparison
  assert.equal(defects, [], JSON.stringify(defects))
  printText(imported)
  return differences.length === 0
}

/** A mesh has hundreds of parts: shrinking it takes longer than reading it. */
const unshrunk = { endOnFailure: true }

laws('the spec of a mesh written by hand has the same effect as the mesh', () => {
  const counts = { all: 0, equal: 0 }
  holds(
    fc.property(manifests({ services: 4 }), ({ objects, meshConfig }) => {
      const operator = {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'istio', namespace: 'istio-system' },
        spec: { meshConfig },
      }
      counts.all++
      if (isEqual(importObjects([...objects, operator]))) counts.equal++
    }),
    unshrunk,
  )
  // If a raw object needs a name that is already used, the import reports the difference.
  console.log(`${counts.equal} of ${counts.all} are proved equal`)
  assert.ok(counts.equal >= 0.95 * counts.all, `${counts.equal} of ${counts.all} are proved equal`)
})

/** A generated spec with its layers merged, and the import of its whole output. */
interface RoundTrip {
  readonly drawn: Tree
  readonly emitted: readonly unknown[]
  readonly environment: string
  readonly imported: ImportedMesh
}

type Tree = Readonly<Record<string, unknown>>

const roundTrips = new WeakMap<Spec, RoundTrip>()

/** Imports the output of a spec; undefined if the spec does not compile. The laws of one run generate the same specs. */
function importBuilt(spec: Spec): RoundTrip | undefined {
  const earlier = roundTrips.get(spec)
  if (earlier !== undefined) return earlier
  const result = compile(spec.entry, getWorkspace(getTexts(spec)))
  if (!result.ok) return undefined
  const emitted = [...result.value.manifests('for-cluster')].map(({ object }) => object)
  const assumed = listAssumedObjects(result.value, result.sources).map(({ value }) => value)
  const environment = result.value.mesh.environment.value
  const roundTrip: RoundTrip = {
    // The layers of a spec that compiles are a map.
    drawn: result.value.layers.value as Tree,
    emitted,
    environment,
    imported: importObjects([...emitted, ...assumed], environment),
  }
  roundTrips.set(spec, roundTrip)
  return roundTrip
}

const countScalars = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, part) => sum + countScalars(part), 0)
    : 1

/** Lists the names of the raw objects and of the objects with patches of a spec. */
function listUnsaid({ raw = [], patches = [] }: Tree): readonly string[] {
  const named = [
    ...(raw as readonly { readonly kind: string; readonly metadata: { readonly name: string } }[]).map(
      ({ kind, metadata }) => ({ kind, name: metadata.name }),
    ),
    ...(patches as readonly { readonly kind: string; readonly name: string }[]),
  ]
  return named.map(({ kind, name }) => `${kind} ${name}`)
}

/** Lists the routes of all objects with the same name, each route without its own name. */
function listRoutes(objects: readonly unknown[], { kind, namespace, name }: ModelObject): readonly unknown[] {
  const [object, ...others] = (objects as readonly VirtualServiceObject[]).filter(
    ({ kind: written, metadata }) =>
      written === kind && metadata.namespace === namespace && metadata.name === name,
  )
  assert.is(others.length, 0)
  assert.ok(object, `${kind} ${namespace}/${name}`)
  return object.spec.http.map(({ name: _, ...route }) => route)
}

interface VirtualServiceObject {
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: { readonly http: readonly Tree[] }
}

/** The runs of the laws about round trips: `RUNS=500` draws more. */
const numRuns = Number(process.env['RUNS'] ?? 100)

laws('the import of what a spec builds says all of it in words, with as few of them', () => {
  let imports = 0
  holds(
    fc.property(specsOfOneCluster(), spec => {
      const roundTrip = importBuilt(spec)
      fc.pre(roundTrip !== undefined)
      const { drawn, emitted, imported } = roundTrip
      // A patch expresses the parts that the import cannot: the default of the per-try timeout, and some versions at ports with
      // different settings.
      fc.pre(!hasLimitedRoute(drawn) && !hasVersionsAtPorts(drawn))
      const { differences, unknown } = imported.comparison
      const differing = differences.map(({ change, destinations }) => JSON.stringify([change, destinations]))
      assert.ok(isEqual(imported), differing.join('\n'))
      // The engine does not know the fate of mesh requests at a gateway and their source address. It also does not know the pod of a
      // headless Service that a caller chose, if the caller may be one of these pods itself, before and after.
      const unanswered = unknown
        .flatMap(({ because }) => because)
        .filter(
          ({ reason }) =>
            reason === undefined ||
            (!['gateway-sending-on-mesh-traffic', 'x-forwarded-for-address'].includes(reason.code) &&
              !reason.code.startsWith('headless-')),
        )
      // Nor does it know the claims of a token. So routes with conditions on claims stay unchanged, except
      // for their names.
      const byClaims = unanswered.filter(({ path }) => isRoutingClaim(String(path.at(-1))))
      for (const { object } of byClaims)
        assert.equal(
          listRoutes(
            imported.after.map(({ value }) => value),
            object,
          ),
          listRoutes(emitted, object),
        )
      const unread = unanswered.filter(part => !byClaims.includes(part))
      assert.equal(
        unread.map(({ object: { kind, name }, path, reason }) => JSON.stringify([kind, name, path, reason])),
        [],
      )
      imports++
      const unsaid = new Set(listUnsaid(drawn))
      const { spec: written } = imported.settled.draft
      const residue = listUnsaid(written).filter(name => !unsaid.has(name))
      assert.equal(residue, [], `compiler/import leaves as patches or raw objects: ${residue.join(', ')}`)
      // An import may replace a patch by fields of the spec.
      const [before, after] = [drawn, written].map(({ raw: _, ...rest }) => countScalars(rest))
      assert.ok(
        after! <= 1.2 * before!,
        `the import has ${after} scalars, the spec ${before}: compiler/import says too much, or writes a large patch`,
      )
    }),
    { ...unshrunk, numRuns },
  )
  assert.ok(imports >= numRuns, `${imports} imports`)
})

laws('the import of what an import builds changes nothing', () => {
  holds(
    fc.property(specsOfOneCluster(), spec => {
      const roundTrip = importBuilt(spec)
      fc.pre(roundTrip !== undefined)
      const { imported, environment } = roundTrip
      const built = imported.after.map(({ value }) => value)
      assert.is(printText(importObjects(built, environment)), printText(imported))
    }),
    { ...unshrunk, numRuns },
  )
})

laws.run()

/** Checks whether a route has a timeout, and its service has no timeout. */
const hasLimitedRoute = ({ defaults, services }: MeshFile): boolean =>
  Object.values(services ?? {}).some(
    service =>
      (service?.timeout ?? defaults?.timeout) === 'none' &&
      service?.routes?.some(({ timeout }) => timeout !== undefined && timeout !== 'none') === true,
  )

/** Checks whether a port and a version of a service both have settings of their own. */
const hasVersionsAtPorts = ({ services }: MeshFile): boolean =>
  Object.values(services ?? {}).some(
    service =>
      [service?.port, ...Object.values(service?.ports ?? {})].some(isRefined) &&
      Object.values(service?.versions ?? {}).some(isRefined),
  )

const isRefined = (part: unknown): boolean =>
  typeof part === 'object' &&
  part !== null &&
  ['circuitBreaker', 'connections', 'loadBalancing'].some(field => field in part)
