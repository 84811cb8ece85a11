import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CompileResult, compile } from '../../compiler/compile.ts'
import { makeCompiler } from '../../compiler/make-compiler.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'

const clusters = suite('clusters')

const names = ['ap1', 'eu1', 'us1']
const entries = names.map(name => `spec/prod/${name}/mesh.yaml`)

/**
 * The documents of an environment with three clusters.
 *
 * @param files the own files of clusters
 * @param placed one bit for each service that runs only in `us1`
 */
function addClusters(
  { documents, entry }: Spec,
  files: Readonly<Record<string, MeshFile>>,
  placed: number,
): Readonly<Record<string, MeshFile>> {
  const { delivery, ...rest } = documents[entry]!
  const { cluster: _, ...others } = delivery ?? {}
  let index = 0
  const services = Object.fromEntries(
    Object.entries(rest.services ?? {}).map(([name, service]) =>
      service === null || (placed & (1 << index++)) === 0
        ? [name, service]
        : [name, { ...service, clusters: ['us1'] }],
    ),
  )
  const us1 = { network: 'all', destination: 'https://us1.example.com:6443', revision: 'promoted' }
  const declared = { ap1: { network: 'all' }, eu1: { network: 'all' }, us1 }
  return {
    ...documents,
    [entry]: {
      ...rest,
      ...(rest.services && { services }),
      ...(delivery && { delivery: others }),
      clusters: declared,
    },
    ...files,
  }
}

const describeResult = (result: CompileResult) => ({
  files: result.ok ? [...result.value.files()] : [],
  diagnostics: result.diagnostics,
  suppressed: result.suppressed,
  sources: result.sources.map(({ name }) => name),
})

clusters('a cluster after another has what it has when it is compiled alone', () => {
  let compared = 0
  const file: MeshFile = { meshc: 'v1', istio: { proxy: { drain: '40s' } } }
  holds(
    fc.property(
      specsOfOneCluster(),
      fc.constantFrom([], [], [entries[1]!], [entries[0]!]),
      fc.constantFrom(1, 2),
      fc.nat({ max: 7 }),
      (spec, differing, index, placed) => {
        const files = Object.fromEntries(differing.map(path => [path, file]))
        const workspace = getWorkspace(
          getTexts({ ...spec, documents: addClusters(spec, files, placed) } as Spec),
        )
        const together = entries.map(makeCompiler(workspace))
        // A build makes the files of each cluster in turn, after it has compiled all clusters.
        for (const result of together.slice(0, index)) describeResult(result)
        const alone = compile(entries[index]!, workspace)
        assert.equal(describeResult(together[index]!), describeResult(alone), names[index])
        if (alone.ok) compared++
      },
    ),
  )
  assert.ok(compared > 50, `${compared} clusters compile`)
})

clusters.run()
