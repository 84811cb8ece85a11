import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findRefusalIn } from '../../compiler/behavior/index.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { isForCluster } from '../../compiler/manifests/compiled-objects.ts'
import type { TargetKind } from '../../schema/conform.ts'
import { parts } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { listOwnValueViolations, listOwnViolations } from '../support/own-violations.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'

const conformance = suite('conformance')

const getChart = (path: string): TargetKind =>
  path.endsWith('values-base.yaml')
    ? 'HelmBaseValues'
    : /values-istiod(-[^/]+)?\.yaml$/.test(path)
      ? 'HelmIstiodValues'
      : path.endsWith('values-cni.yaml')
        ? 'HelmCniValues'
        : 'HelmGatewayValues'

function assertConforms(compilation: Compilation): void {
  for (const { path, kind, object } of compilation.manifests()) {
    // A raw object is of a kind that meshc does not know.
    if (path.endsWith('.raw.yaml')) continue
    const isOfChart = /\/values-/.test(path)
    // `build --verify` finds the schema by the kind.
    if (isOfChart) assert.is(kind, getChart(path))
    const { mesh } = compilation
    const violations = isOfChart
      ? listOwnValueViolations(mesh, getChart(path), object)
      : listOwnViolations(mesh, object)
    assert.equal(violations, [], `${path}: ${JSON.stringify(object)}`)
    // The engine does not check again whether a cluster accepts compiled objects.
    if (isForCluster(path)) assert.is(findRefusalIn(object), undefined, `${path}: ${JSON.stringify(object)}`)
  }
}

conformance('every manifest of every environment is what its target schema asks for', () => {
  for (const name of environments) assertConforms(compileEnvironment(name))
})

conformance('every manifest of a drawn spec is what its target schema asks for', () => {
  everySpec(spec => assertConforms(compileSpec(spec)), 200)
})

conformance('every manifest of a drawn part of a mesh is what its target schema asks for', () => {
  holds(fc.property(parts(), spec => assertConforms(compileSpec(spec))))
})

conformance.run()
