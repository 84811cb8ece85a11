import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { writeCluster } from './outputs.ts'
import { type ManifestSet, oracle, requireOracle, withDirectory } from './tools.ts'

const mutated = suite('mutations')
const testCheck = await requireOracle(mutated, 'check', 'certificate')

// `MUTATIONS=2000 SEED=… node --import tsx test/oracle/mutations.test.ts` tries more mutations, or other
// mutations.
const runs = Number(process.env['MUTATIONS'] ?? 50)
const seed = Number(process.env['SEED'] ?? 7)

testCheck(`the cluster accepts the mutated specs that meshc accepts, of ${runs} (seed ${seed})`, () =>
  withDirectory(async directory => {
    const { checkAll, certificate } = await oracle()
    const companions = await certificate()
    const drawn = fc.sample(
      specs().chain(spec => mutations(spec)),
      { seed, numRuns: runs },
    )
    const accepted: (ManifestSet & { readonly description: string })[] = []
    for (const [index, { spec, description }] of drawn.entries()) {
      const compilation = compiled(spec.entry, getTexts(spec))
      if (compilation === undefined) continue
      const set = await writeCluster(compilation, join(directory, `mutation-${index}`), companions)
      accepted.push({ ...set, description })
    }
    // A rule that refuses everything would pass, too.
    assert.ok(accepted.length > runs / 20, `${accepted.length} of ${runs} mutations are accepted`)
    const reports = await checkAll(accepted.map(({ description: _, ...set }) => set))
    const result = reports
      .flatMap(
        ({ findings }, index) =>
          findings.map(finding => ({ mutation: accepted[index]?.description, ...finding })),
        // The author of a raw object answers for its content.
      )
      .filter(({ file }) => !file.endsWith('.raw.yaml'))
    assert.equal(result, [], `SEED=${seed} MUTATIONS=${runs}`)
  }),
)

mutated.run()

function compiled(entry: string, texts: Readonly<Record<string, string>>): Compilation | undefined {
  const result = compile(entry, getWorkspace(texts))
  return result.ok ? result.value : undefined
}
